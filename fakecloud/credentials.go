package fakecloud

import (
	"crypto/rand"
	"encoding/json"
)

// Credentials are what a device is given (cloud-binding.md).
type Credentials struct {
	Endpoint     string `json:"endpoint"`
	ProductID    string `json:"product_id"`
	DeviceName   string `json:"device_name"`
	DeviceSecret string `json:"device_secret"`
	CAFile       string `json:"ca_file,omitempty"`
}

// Credentials returns what to give this device.
func (d *Device) Credentials() Credentials {
	return Credentials{
		Endpoint: d.c.Endpoint(), ProductID: d.product, DeviceName: d.name,
		DeviceSecret: d.secret, CAFile: d.c.settings.caFile,
	}
}

// JSON is the object for the hook ivcs_conform_configure.
func (c Credentials) JSON() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("fakecloud: strings always marshal: " + err.Error())
	}
	return string(b)
}

// Env is the same as environment variables, NAME=value.
func (c Credentials) Env() []string {
	env := []string{
		"IVCS_ENDPOINT=" + c.Endpoint,
		"IVCS_PRODUCT_ID=" + c.ProductID,
		"IVCS_DEVICE_NAME=" + c.DeviceName,
		"IVCS_DEVICE_SECRET=" + c.DeviceSecret,
	}
	if c.CAFile != "" {
		env = append(env, "IVCS_CA_FILE="+c.CAFile)
	}
	return env
}

// NewSecret is a secret, or token, that nobody can guess.
func NewSecret() string { return rand.Text() }
