// Package specs is the suite: one file a chapter of the catalogue, in the order
// of the specification. A reader with the specification in hand finds a clause's
// spec by its chapter, and in the file by the rule's number.
//
// A spec says what the rule says, and no more: where the text permits two
// readings it accepts both and records which one it saw (docs/interpretations.md).
// docs/adding-a-rule.md leads from a clause to a spec that has been seen red.
package specs
