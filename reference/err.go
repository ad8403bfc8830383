package reference

// Err is the module's error code, iv_err_code_e.
type Err int32

// The codes and values of iv_err_code_e. Zero is success; the names follow the
// C constants, so that either side can be searched for.
const (
	ErrNone                     Err = 0
	ErrCSInitPrmNull            Err = -600 // a parameter is NULL
	ErrCSInitCbNull             Err = -601 // a required callback is NULL
	ErrCSInitPrmRange           Err = -602 // a parameter is out of range
	ErrCSUploadAuthNotAvailable Err = -603 // the cloud gave no authorisation to upload
	ErrCSUploadOpenFileFail     Err = -604 // cannot open the cache file
	ErrCSPrmNotAvailable        Err = -605 // not initialised, or called where it may not be
	ErrCSPrmMallocFail          Err = -606 // no memory, or the buffer is full
	ErrCSApplyNoService         Err = -607 // no cloud-storage plan in force
	ErrCSQueryServiceTimeout    Err = -608 // the plan query timed out
	ErrCSEventIsValid           Err = -609 // the event is invalid (published spelling)
	ErrCSInitRepeat             Err = -610 // initialised twice
	ErrCSNeedIDRFrame           Err = -611 // an IDR frame is needed first
	ErrCSNoBalance              Err = -612 // no balance left
	ErrCSHTTPDataFail           Err = -613 // the HTTP exchange failed
	ErrDeviceOffline            Err = -1001
)

var errNames = map[Err]string{
	ErrNone:                     "IV_ERR_NONE",
	ErrCSInitPrmNull:            "IV_ERR_CS_INIT_PRM_NULL",
	ErrCSInitCbNull:             "IV_ERR_CS_INIT_CB_NULL",
	ErrCSInitPrmRange:           "IV_ERR_CS_INIT_PRM_RANGE",
	ErrCSUploadAuthNotAvailable: "IV_ERR_CS_UPLOAD_AUTH_NOT_AVAILABLE",
	ErrCSUploadOpenFileFail:     "IV_ERR_CS_UPLOAD_OPEN_FILE_FAIL",
	ErrCSPrmNotAvailable:        "IV_ERR_CS_PRM_NOT_AVAILABLE",
	ErrCSPrmMallocFail:          "IV_ERR_CS_PRM_MALLOC_FAIL",
	ErrCSApplyNoService:         "IV_ERR_CS_APPLY_NO_SERVICE",
	ErrCSQueryServiceTimeout:    "IV_ERR_CS_QUERY_SERVICE_TIMEOUT",
	ErrCSEventIsValid:           "IV_ERR_CS_EVENT_IS_VALID",
	ErrCSInitRepeat:             "IV_ERR_CS_INIT_REPEAT",
	ErrCSNeedIDRFrame:           "IV_ERR_CS_NEED_IDR_FRAME",
	ErrCSNoBalance:              "IV_ERR_CS_NO_BALANCE",
	ErrCSHTTPDataFail:           "IV_ERR_CS_HTTP_DATA_FAIL",
	ErrDeviceOffline:            "IV_ERR_DEVICE_OFFLINE",
}

// Error returns the name of the C constant.
func (e Err) Error() string {
	if name, known := errNames[e]; known {
		return name
	}
	return "an unknown iv_err_code_e"
}
