package inspect

import "github.com/ivcs/conform/conformance/tscheck"

// broken are findings of which no MUST rule speaks, but a viewer sees them.
var broken = map[tscheck.Code]bool{
	tscheck.CodeKeyFrame: true, tscheck.CodeParameterSets: true, tscheck.CodeFrameNum: true,
	tscheck.CodeReference: true, tscheck.CodeTimeOrder: true,
}

// meanings say what comes of a fault, to somebody who has a player and no book.
var meanings = map[tscheck.Code]string{
	tscheck.CodeGrid:           "bytes were lost or added; players resynchronise and lose pictures",
	tscheck.CodeTables:         "players find no streams, or find them late",
	tscheck.CodeCRC:            "players ignore the table",
	tscheck.CodeStreamType:     "players do not know the codec",
	tscheck.CodePIDs:           "a player waits for a stream that never comes, and starts late or never; announce sound only when there is some",
	tscheck.CodeTransportError: "the packet is thrown away",
	tscheck.CodeScrambled:      "the packet cannot be read",
	tscheck.CodeContinuity:     "packets are missing: grey or torn pictures until the next key frame",
	tscheck.CodeDuplicate:      "harmless, but useless in a file",
	tscheck.CodePES:            "the frame cannot be read",
	tscheck.CodePESLength:      "players cut the frame off, or wait for more",
	tscheck.CodeTimeStamp:      "players guess when to show the frame",
	tscheck.CodeTimeOrder:      "time goes back: players freeze or skip",
	tscheck.CodeClockOrder:     "players have the frame after they should have shown it",
	tscheck.CodePCR:            "players have no clock, or one that jumps",
	tscheck.CodePCRInterval:    "some players lose the pace",
	tscheck.CodeRandomAccess:   "seeking is slow, since players do not know where they may begin",
	tscheck.CodeKeyFrame:       "not decodable alone: grey until the next key frame; cut before a key frame",
	tscheck.CodeParameterSets:  "not decodable alone: no picture at all; put SPS and PPS (VPS) before the key frame",
	tscheck.CodeAUD:            "Apple's players ask for access unit delimiters",
	tscheck.CodeBFrame:         "live playing is late by the reordering",
	tscheck.CodeFrameNum:       "P frames were lost or stored twice: torn pictures until the next key frame; drop all up to the next key frame, never some",
	tscheck.CodeReference:      "a picture that this one builds on was lost: torn pictures until the next key frame",
	tscheck.CodeADTS:           "the sound crackles or is silent",
	tscheck.CodeEmpty:          "there is nothing to play",
	tscheck.CodeChainCounter:   "a player that joins the segments believes in lost packets",
	tscheck.CodeChainTime:      "a player that joins the segments freezes or jumps here",
	tscheck.CodeChainFormat:    "the decoder must be started anew; EXT-X-DISCONTINUITY tells it",
	CodeUnread:                 "the recording has a hole",
	CodeOpaque:                 "no player takes it",
	CodeUnit:                   "playing runs far too fast or stands still",
	CodeGap:                    "the picture freezes this long",
	CodeDrift:                  "lips and voice part",
	CodeExtinf:                 "seeking misses, and players stall at the joint",
}
