package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// grant is the cloud's leave to put one object.
type grant struct {
	UploadID   string            `json:"upload_id"`
	Method     string            `json:"method"`
	URL        string            `json:"url"`
	Headers    map[string]string `json:"headers"`
	ExpiresUTC int64             `json:"expires_utc_ms"`
	ExpiresIn  int64             `json:"expires_in_ms"`
	Stored     bool              `json:"stored"`
	until      time.Duration     // on the monotonic clock
}

// grantMargin keeps a PUT from beginning when its grant is about to end (ROB-022).
const grantMargin = time.Second

// usable reports whether a PUT may still begin; a nil grant is none.
func (g *grant) usable(now time.Duration) bool { return g != nil && now < g.until-grantMargin }

// segmentRequest and pictureRequest are the bodies of a grant request.
type segmentRequest struct {
	Kind        string `json:"kind"`
	StartUTC    int64  `json:"start_utc_ms"`
	EndUTC      int64  `json:"end_utc_ms"`
	FirstPTS    uint64 `json:"first_pts_ms"`
	LastPTS     uint64 `json:"last_pts_ms"`
	FirstSeq    uint32 `json:"first_seq"`
	LastSeq     uint32 `json:"last_seq"`
	Size        int64  `json:"size"`
	ContentType string `json:"content_type"`
	Recording   string `json:"recording"`
}

type pictureRequest struct {
	Kind        string `json:"kind"`
	EventID     int32  `json:"event_id"`
	EventUTC    int64  `json:"event_utc_s"`
	Size        int64  `json:"size"`
	ContentType string `json:"content_type"`
	Direct      bool   `json:"direct"`
}

func (s *segment) grantRequest(size int64) segmentRequest {
	m := s.main()
	return segmentRequest{
		Kind: "segment", StartUTC: s.start, EndUTC: s.end,
		FirstPTS: m.firstPTS, LastPTS: m.lastPTS, FirstSeq: m.firstSeq, LastSeq: m.lastSeq,
		Size: size, ContentType: "video/mp2t", Recording: s.recording,
	}
}

// askGrant asks for leave to put an object. The answer comes with an error that
// it explains, nil if there was none.
func (s *session) askGrant(ctx context.Context, request any) (*grant, *answer, error) {
	asked := s.clock.Mono()
	a, err := s.post(ctx, "/uploads", request)
	if err != nil {
		return nil, a, err
	}
	g := new(grant)
	if err := json.Unmarshal(a.body, g); err != nil {
		s.linkWrong(control)
		return nil, a, fmt.Errorf("the answer to a grant request is no JSON: %w", err)
	}
	if !g.Stored && (g.URL == "" || g.Method != http.MethodPut) {
		s.linkWrong(control)
		return nil, a, fmt.Errorf("the answer to a grant request has no url to PUT to: %s", a.body)
	}
	s.linkGood(control)
	switch {
	case g.ExpiresIn > 0:
		g.until = asked + time.Duration(g.ExpiresIn)*time.Millisecond
	case g.ExpiresUTC > 0:
		cloud := s.clock.Now().UnixMilli() + s.net.skew.Load()
		g.until = asked + time.Duration(g.ExpiresUTC-cloud)*time.Millisecond
	default:
		g.until = asked + time.Hour
	}
	return g, a, nil
}

// post makes a signed request with a JSON body and tells the caller of the
// module how the connection fares.
func (s *session) post(ctx context.Context, path string, request any) (*answer, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("cannot write a request: %w", err)
	}
	a, err := s.net.control(ctx, call{method: http.MethodPost, path: path, json: text})
	s.linkResult(control, a, err)
	return a, err
}

// put makes the upload that g allows.
func (s *session) put(ctx context.Context, g *grant, media *body) (*answer, error) {
	a, err := s.net.do(ctx, call{method: g.Method, url: g.URL, header: g.Headers, media: media})
	if err != nil {
		s.linkResult(store, nil, err)
		return nil, err
	}
	if a.status/100 != 2 {
		err = &refusal{status: a.status, store: true}
		if a.status == http.StatusForbidden && !g.usable(s.clock.Mono()) || a.status == http.StatusConflict {
			// The grant has ended meanwhile, or has done its work: the store is well.
			s.linkResult(store, &a, nil)
			return &a, err
		}
	}
	s.linkResult(store, &a, err)
	return &a, err
}
