package scenario

// Include is the folder of the vendor's headers; given if the target has the
// capability headers (ABI-055).
func (e *Env) Include() string { return e.cfg.Include }

// CC is the compiler command that the run was given for the library's machine;
// "" if none was.
func (e *Env) CC() string { return e.cfg.CC }
