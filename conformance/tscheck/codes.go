package tscheck

// Code names a kind of finding.
type Code string

// What Check, Chain and the comparisons find. Hard findings break a MUST rule
// (TS-001, TS-003 to TS-005); soft ones break TS-002, chapter ROB or a part of the
// MPEG standards that no rule of the catalogue makes a duty.
const (
	CodeGrid           Code = "grid"             // TS-001: 188-byte packets, each with sync byte 0x47
	CodeTables         Code = "tables"           // TS-001: PAT and PMT, before the media, one program, unchanged
	CodeCRC            Code = "crc"              // TS-001: CRC-32 of PAT and PMT
	CodeStreamType     Code = "stream-type"      // TS-001: 0x1B or 0x24, and 0x0F
	CodePIDs           Code = "pids"             // TS-001, ROB-014: the PMT lists exactly the PIDs that carry samples
	CodeTransportError Code = "transport-error"  // TS-003
	CodeScrambled      Code = "scrambled"        // TS-001: scrambled payload in a clear stream
	CodeContinuity     Code = "continuity"       // TS-003
	CodeDuplicate      Code = "duplicate"        // a packet sent twice: allowed once (ISO 13818-1, 2.4.3.3), of no use in a file
	CodeAdaptation     Code = "adaptation"       // TS-001: adaptation field longer than its packet
	CodePES            Code = "pes"              // TS-001: PES header
	CodePESLength      Code = "pes-length"       // ROB-015; a player cuts the frame by it (TS-005)
	CodeTimeStamp      Code = "timestamp"        // TS-004: a PES packet without PTS
	CodeTimeOrder      Code = "time-order"       // PUSH-021: times go back; they may have been pushed like that
	CodeClockOrder     Code = "clock-order"      // ROB-015: PCR <= DTS <= PTS
	CodePCR            Code = "pcr"              // TS-003, ROB-015: PCR present, in the first packet, not going back
	CodePCRInterval    Code = "pcr-interval"     // TS-003: at most 100 ms apart
	CodeRandomAccess   Code = "random-access"    // TS-002: random_access_indicator on key frames only
	CodeKeyFrame       Code = "key-frame"        // TS-002: the first picture is a key frame
	CodeParameterSets  Code = "parameter-sets"   // TS-002, PUSH-014: in the access unit of the key frame, before its slices
	CodeAccessUnit     Code = "access-unit"      // one access unit in each PES packet
	CodeAUD            Code = "aud"              // ISO 13818-1, 2.14.1: an access unit delimiter in front; players of HLS ask for it
	CodeBFrame         Code = "b-frame"          // PUSH-013
	CodeFrameNum       Code = "frame-num"        // ROB-016: H.264 frame_num skips or repeats a frame
	CodeReference      Code = "reference"        // ROB-016: H.265 picture refers to one that is not there
	CodeNAL            Code = "nal"              // bytes that are no NAL units, slice headers that cannot be read
	CodeADTS           Code = "adts"             // bytes that are no ADTS frames
	CodeEmpty          Code = "empty"            // TS-001: no packet, or no sample
	CodeChainCounter   Code = "chain-continuity" // counters go on from segment to segment
	CodeChainTime      Code = "chain-time"       // ROB-013: the time line goes on from segment to segment
	CodeChainFormat    Code = "chain-format"     // FMT-001: codecs change within a recording
	CodeMissing        Code = "missing"          // TS-005: pushed, not stored
	CodeRepeated       Code = "repeated"         // TS-005: stored again, or in another place
	CodeAltered        Code = "altered"          // TS-005: stored with other bytes
	CodeOffset         Code = "pts-offset"       // TS-004: PTS minus pushed time is not constant
)

// soft are the codes no MUST rule rests on.
var soft = map[Code]bool{
	CodeDuplicate: true, CodeTimeOrder: true, CodeClockOrder: true, CodePCR: true, CodePCRInterval: true,
	CodeRandomAccess: true, CodeKeyFrame: true, CodeParameterSets: true, CodeAccessUnit: true, CodeAUD: true,
	CodeBFrame: true, CodeFrameNum: true, CodeReference: true, CodeNAL: true, CodeADTS: true,
	CodeChainCounter: true, CodeChainTime: true, CodeChainFormat: true,
}
