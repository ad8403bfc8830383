package fakecloud

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
)

// answer is a response before it is written: a fault may still keep it back.
type answer struct {
	status int // 0: nobody is left to answer to
	header http.Header
	body   []byte
	note   string // why it was refused, for the journal
}

func jsonAnswer(status int, v any) answer {
	b, err := json.Marshal(v)
	if err != nil {
		panic("fakecloud: own types always marshal: " + err.Error())
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: append(b, '\n')}
}

// refusal is the control plane's error form.
type refusal struct {
	Error   string `json:"error"`
	Message string `json:"message"`
	UTCms   int64  `json:"utc_ms,omitempty"` // with clock_skew: the server's time
}

func refuse(status int, code, format string, args ...any) answer {
	message := fmt.Sprintf(format, args...)
	a := jsonAnswer(status, refusal{Error: code, Message: message})
	a.note = code + ": " + message
	return a
}

// s3Error is the storage plane's error form, that of S3.
type s3Error struct {
	XMLName xml.Name `xml:"Error"`
	Code    string   `xml:"Code"`
	Message string   `xml:"Message"`
}

func refuseObject(status int, code, format string, args ...any) answer {
	message := fmt.Sprintf(format, args...)
	b, err := xml.Marshal(s3Error{Code: code, Message: message})
	if err != nil {
		panic("fakecloud: own types always marshal: " + err.Error())
	}
	return answer{
		status: status,
		header: http.Header{"Content-Type": {"application/xml"}},
		body:   append([]byte(xml.Header), b...),
		note:   code + ": " + message,
	}
}
