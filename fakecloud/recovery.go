package fakecloud

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Records of the vault.
type (
	deviceRecord struct {
		Product, Name, Secret string
		Plan                  Plan
		Rev                   int
		ServiceEnd            time.Time
	}
	uploadRecord struct {
		Upload
		Device, Key, ContentType string
		Serial                   int
		StoredAt                 time.Time
		StoredOrder              int
	}
	eventRecord struct {
		Device string
		Event  Event
	}
)

// Recovery tells what a cloud has found in its data folder.
type Recovery struct {
	Devices, Segments, Pictures, Events int
	// Missing are objects that were acknowledged and whose file is gone, or is of
	// another size. They count as granted, not as stored: a device may put them again.
	Missing []string
	// Dropped counts files that no acknowledged object belongs to: of PUTs that
	// were under way.
	Dropped int
}

// Recovery tells what was found in the data folder at the start; the zero value
// without WithData.
func (c *Cloud) Recovery() Recovery { return c.recovery }

// commit makes all changes so far durable: no answer leaves before it.
func (c *Cloud) commit() error { return c.vault.commit() }

func (d *Device) save() {
	d.c.vault.save(bucketDevices, d.id(), deviceRecord{d.product, d.name, d.secret, d.plan, d.rev, d.serviceEnd})
}

func (u *upload) save() {
	u.device.c.vault.save(bucketUploads, u.ID, uploadRecord{u.Upload, u.device.id(), u.key, u.contentType, u.serial, u.storedAt, u.storedOrder})
}

func (d *Device) saveEvent(e *Event) {
	d.c.vault.save(bucketEvents, d.id()+"\x00"+e.ReportID, eventRecord{d.id(), *e})
}

// recover reads the data folder into a cloud that serves nobody yet.
func (c *Cloud) recover() error {
	if err := each(c.vault, bucketMeta, func(key string, value string) error {
		c.objects.signer.secretKey = value // links and grants from before stay good
		return nil
	}); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	c.vault.save(bucketMeta, "signer", c.objects.signer.secretKey)
	if err := each(c.vault, bucketDevices, c.restoreDevice); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := c.restoreUploads(); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := c.restoreEvents(); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := c.dropParts(); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return c.commit()
}

func (c *Cloud) restoreDevice(_ string, r deviceRecord) error {
	d := newDevice(c, r.Product, r.Name, r.Secret)
	d.plan, d.rev = r.Plan, r.Rev
	if d.serviceEnd = r.ServiceEnd; !r.ServiceEnd.IsZero() {
		d.serviceMono = c.clock.Mono() - c.clock.Now().Sub(r.ServiceEnd)
	}
	c.devices[d.id()] = d
	d.refresh() // it may have expired meanwhile
	d.armExpiry()
	c.recovery.Devices++
	return nil
}

// restoreUploads takes grants in the order of granting and stored objects in the
// order of storing, since that order decides what shows on the time line.
func (c *Cloud) restoreUploads() error {
	var grants, stored []*upload
	err := each(c.vault, bucketUploads, func(id string, r uploadRecord) error {
		d := c.devices[r.Device]
		if d == nil {
			return fmt.Errorf("upload %s belongs to %s, which is not registered", id, r.Device)
		}
		u := &upload{Upload: r.Upload, device: d, key: r.Key, contentType: r.ContentType, serial: r.Serial, storedAt: r.StoredAt, storedOrder: r.StoredOrder}
		grants = append(grants, u)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(grants, func(a, b *upload) int { return a.serial - b.serial })
	for _, u := range grants {
		u.device.enlist(u)
		c.serial = max(c.serial, u.serial)
		switch info, err := os.Stat(c.objectFile(u.key)); {
		case u.State != UploadStored:
		case err != nil || info.Size() != u.Size:
			c.recovery.Missing = append(c.recovery.Missing, u.key)
			u.State = UploadGranted
			u.save()
		default:
			stored = append(stored, u)
		}
	}
	slices.SortFunc(stored, func(a, b *upload) int { return a.storedOrder - b.storedOrder })
	for _, u := range stored {
		u.list(nil, 0)
		c.storedOrder = u.storedOrder
	}
	for _, d := range c.devices {
		c.recovery.Segments += len(d.segments)
		c.recovery.Pictures += len(d.pictures)
	}
	return nil
}

func (c *Cloud) restoreEvents() error {
	err := each(c.vault, bucketEvents, func(_ string, r eventRecord) error {
		d := c.devices[r.Device]
		if d == nil {
			return fmt.Errorf("event %s belongs to %s, which is not registered", r.Event.ReportID, r.Device)
		}
		d.byReport[r.Event.ReportID] = &r.Event
		d.events = append(d.events, &r.Event)
		c.recovery.Events++
		return nil
	})
	first := func(e *Event) time.Time {
		if e.StartedAt.IsZero() {
			return e.ReceivedAt
		}
		return e.StartedAt
	}
	for _, d := range c.devices {
		slices.SortStableFunc(d.events, func(a, b *Event) int { return first(a).Compare(first(b)) })
	}
	return err
}

// dropParts removes the files of PUTs that were never acknowledged.
func (c *Cloud) dropParts() error {
	root := c.objectFile("")
	return filepath.WalkDir(root, func(name string, f fs.DirEntry, err error) error {
		if os.IsNotExist(err) && name == root {
			return nil
		}
		if err != nil || f.IsDir() {
			return err
		}
		key, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		u := c.uploads[filepath.ToSlash(key)]
		if !strings.HasSuffix(name, partSuffix) && u != nil && u.State == UploadStored {
			return nil
		}
		c.recovery.Dropped++
		return os.Remove(name)
	})
}

// objectFile is the file of an object in the data folder.
func (c *Cloud) objectFile(key string) string {
	return filepath.Join(c.settings.data, "objects", filepath.FromSlash(key))
}
