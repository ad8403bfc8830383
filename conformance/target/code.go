package target

import "fmt"

// Code is what an iv_cs_* function returned (iv_err_code_e).
type Code int32

// The error codes of the SDK family. The specification itself names ErrNone,
// ErrQueryServiceTimeout and ErrApplyNoService alone (ABI-054).
const (
	ErrNone                   Code = 0
	ErrInitPrmNull            Code = -600
	ErrInitCBNull             Code = -601
	ErrInitPrmRange           Code = -602
	ErrUploadAuthNotAvailable Code = -603
	ErrUploadOpenFileFail     Code = -604
	ErrPrmNotAvailable        Code = -605
	ErrPrmMallocFail          Code = -606
	ErrApplyNoService         Code = -607
	ErrQueryServiceTimeout    Code = -608
	ErrEventIsValid           Code = -609
	ErrInitRepeat             Code = -610
	ErrNeedIDRFrame           Code = -611
	ErrNoBalance              Code = -612
	ErrHTTPDataFail           Code = -613
	ErrDeviceOffline          Code = -1001
)

// NoReturn stands for a call that did not return: the library died or hung in
// it, or does not export the function. Session.Fatal, or Return.Err, says which.
const NoReturn Code = -1 << 31

var codeNames = map[Code]string{
	ErrNone:                   "IV_ERR_NONE",
	ErrInitPrmNull:            "IV_ERR_CS_INIT_PRM_NULL",
	ErrInitCBNull:             "IV_ERR_CS_INIT_CB_NULL",
	ErrInitPrmRange:           "IV_ERR_CS_INIT_PRM_RANGE",
	ErrUploadAuthNotAvailable: "IV_ERR_CS_UPLOAD_AUTH_NOT_AVAILABLE",
	ErrUploadOpenFileFail:     "IV_ERR_CS_UPLOAD_OPEN_FILE_FAIL",
	ErrPrmNotAvailable:        "IV_ERR_CS_PRM_NOT_AVAILABLE",
	ErrPrmMallocFail:          "IV_ERR_CS_PRM_MALLOC_FAIL",
	ErrApplyNoService:         "IV_ERR_CS_APPLY_NO_SERVICE",
	ErrQueryServiceTimeout:    "IV_ERR_CS_QUERY_SERVICE_TIMEOUT",
	ErrEventIsValid:           "IV_ERR_CS_EVENT_IS_VALID",
	ErrInitRepeat:             "IV_ERR_CS_INIT_REPEAT",
	ErrNeedIDRFrame:           "IV_ERR_CS_NEED_IDR_FRAME",
	ErrNoBalance:              "IV_ERR_CS_NO_BALANCE",
	ErrHTTPDataFail:           "IV_ERR_CS_HTTP_DATA_FAIL",
	ErrDeviceOffline:          "IV_ERR_DEVICE_OFFLINE",
	NoReturn:                  "no return",
}

// Known reports whether c is in the table of published codes (ABI-049).
func (c Code) Known() bool {
	_, ok := codeNames[c]
	return ok && c != NoReturn
}

// String gives name and number: "IV_ERR_CS_APPLY_NO_SERVICE (-607)".
func (c Code) String() string {
	name, ok := codeNames[c]
	switch {
	case c == NoReturn:
		return name
	case ok:
		return fmt.Sprintf("%s (%d)", name, int32(c))
	}
	return fmt.Sprintf("%d", int32(c))
}
