package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/ivcs/conform/fakecloud"
)

// operator speaks to the operator side, /admin/…, of a cloud that runs elsewhere.
type operator struct {
	ctx       context.Context
	url       string
	token     string
	transport *http.Transport
}

func newOperator(ctx context.Context, url, token, cert string) (*operator, error) {
	t := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if cert != "" {
		pem, err := os.ReadFile(cert)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca %s: no PEM certificate in it; conform cloud --tls writes one", cert)
		}
	}
	return &operator{ctx: ctx, url: strings.TrimRight(url, "/"), token: token, transport: t}, nil
}

func (o *operator) close() { o.transport.CloseIdleConnections() }

// register makes a device known and gives it a full-time plan.
func (o *operator) register(name, secret string) (c fakecloud.Credentials, err error) {
	device := map[string]string{"product_id": loadProduct, "device_name": name, "device_secret": secret}
	if err := o.do(http.MethodPost, "/admin/devices", device, &c); err != nil {
		return c, err
	}
	plan := map[string]int{"cs_switch": 1, "cs_type": fakecloud.PlanFullTime}
	return c, o.do(http.MethodPut, "/admin/devices/"+loadProduct+"/"+name+"/plan", plan, nil)
}

func (o *operator) do(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(o.ctx, method, o.url+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("--cloud: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+o.token)
	res, err := (&http.Client{Transport: o.transport}).Do(r)
	if err != nil {
		return fmt.Errorf("--cloud: %w; is a conform cloud running there?", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	switch {
	case err != nil:
		return fmt.Errorf("--cloud: %s %s: %w", method, path, err)
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return fmt.Errorf("--cloud: %s refuses the token (%s); --token has to be the one that conform cloud prints", o.url, res.Status)
	case res.StatusCode/100 != 2:
		return fmt.Errorf("--cloud: %s %s: %s: %s", method, path, res.Status, bytes.TrimSpace(text))
	case out == nil:
		return nil
	}
	return json.Unmarshal(text, out)
}
