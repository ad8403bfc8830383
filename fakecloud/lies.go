package fakecloud

// Lie is a fault of the cloud itself, against its own books: what no honest
// cloud does, and no device can be blamed for. Who builds a judge upon this
// cloud proves with it that the judge does not believe everything.
type Lie string

const (
	LieLoseObject     Lie = "lose-object"     // a PUT is answered 200 and nothing is kept
	LieTruncateObject Lie = "truncate-object" // half of the object is kept, under the ETag of all of it
	LieStrangePlan    Lie = "strange-plan"    // a device is told another plan than is in force for it
	LieGrantTwice     Lie = "grant-twice"     // every segment is granted the first one's upload
	LieForgetRequest  Lie = "forget-request"  // PUTs are missing from the journal
	LieForgetEvent    Lie = "forget-event"    // an event report is answered 200 and not kept
)

// WithLie makes the cloud lie: for tests of judges alone.
func WithLie(l Lie) Option { return func(s *settings) { s.lie = l } }

// lies reports whether the cloud tells this lie.
func (c *Cloud) lies(l Lie) bool { return c.settings.lie == l }
