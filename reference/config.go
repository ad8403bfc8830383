package reference

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"

	"github.com/ivcs/conform/clock"
)

// Config is what a device is given to reach its cloud ("What a device is given"
// of the cloud binding).
type Config struct {
	Endpoint     string `json:"endpoint"`
	ProductID    string `json:"product_id"`
	DeviceName   string `json:"device_name"`
	DeviceSecret string `json:"device_secret"`
	CAFile       string `json:"ca_file"` // PEM bundle for https; empty: the system's

	Clock *clock.Clock `json:"-"` // nil: a clock of the device's own, in real time
	// Observe, if set, is told of every exchange with the cloud as it ends. It is
	// called from the device's goroutines, several at a time, and must not block.
	Observe func(Exchange) `json:"-"`
}

// ConfigFromEnv reads the IVCS_* variables of the environment.
func ConfigFromEnv() Config {
	return Config{
		Endpoint:     os.Getenv("IVCS_ENDPOINT"),
		ProductID:    os.Getenv("IVCS_PRODUCT_ID"),
		DeviceName:   os.Getenv("IVCS_DEVICE_NAME"),
		DeviceSecret: os.Getenv("IVCS_DEVICE_SECRET"),
		CAFile:       os.Getenv("IVCS_CA_FILE"),
	}
}

// ConfigFromJSON reads the JSON object of the hook ivcs_conform_configure.
func ConfigFromJSON(text []byte) (Config, error) {
	var c Config
	if err := json.Unmarshal(text, &c); err != nil {
		return Config{}, fmt.Errorf("reference: the configuration is not one JSON object with endpoint, product_id, device_name and device_secret: %w", err)
	}
	return c, nil
}

var (
	productPattern = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
	namePattern    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,48}$`)
)

// check says what keeps a device from using c, nil if nothing does.
func (c Config) check() error {
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil:
		return fmt.Errorf("reference: the endpoint is no URL, set IVCS_ENDPOINT to http://host:port: %w", err)
	case (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return fmt.Errorf("reference: the endpoint %q is no http or https URL, set IVCS_ENDPOINT to http://host:port", c.Endpoint)
	case !productPattern.MatchString(c.ProductID):
		return fmt.Errorf("reference: the product id %q does not match %s, set IVCS_PRODUCT_ID", c.ProductID, productPattern)
	case !namePattern.MatchString(c.DeviceName):
		return fmt.Errorf("reference: the device name %q does not match %s, set IVCS_DEVICE_NAME", c.DeviceName, namePattern)
	}
	return nil
}
