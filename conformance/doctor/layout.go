package doctor

import (
	"context"
	"debug/elf"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ivcs/conform/conformance/target"
)

// figures are the sizes and offsets that must agree, by the names that
// target.Info.ABI gives them.
var figures = []string{
	"sizeof iv_cm_aenc_pack_s", "offsetof iv_cm_aenc_pack_s.u32Len", "offsetof iv_cm_aenc_pack_s.u64PTS", "offsetof iv_cm_aenc_pack_s.u32Seq",
	"sizeof iv_cm_venc_pack_s", "offsetof iv_cm_venc_pack_s.u32Len", "offsetof iv_cm_venc_pack_s.u64PTS",
	"offsetof iv_cm_venc_pack_s.eFrameType", "offsetof iv_cm_venc_pack_s.u32Seq",
	"sizeof iv_cm_av_data_info_s", "offsetof iv_cm_av_data_info_s.u32Framerate",
	"sizeof iv_cs_balance_info_s", "offsetof iv_cs_balance_info_s.cs_type",
	"sizeof iv_cs_upload_slice_info_s", "offsetof iv_cs_upload_slice_info_s.state",
	"sizeof iv_cs_upload_info_s", "offsetof iv_cs_upload_info_s.num",
	"sizeof iv_cs_notify_msg_data", "sizeof iv_cs_event_result_info",
	"sizeof iv_cs_congestion_ctrl_s", "offsetof iv_cs_congestion_ctrl_s.enable",
	"sizeof iv_cs_init_parm_s", "offsetof iv_cs_init_parm_s.congestion_cfg", "offsetof iv_cs_init_parm_s.av_fmt",
	"offsetof iv_cs_init_parm_s.event_report_opt",
	"offsetof iv_cs_init_parm_s.iv_cs_push_stream_start_cb", "offsetof iv_cs_init_parm_s.iv_cs_push_stream_stop_cb",
	"offsetof iv_cs_init_parm_s.iv_cs_ai_service_notify_cb", "offsetof iv_cs_init_parm_s.iv_cs_event_capture_picture_cb",
	"offsetof iv_cs_init_parm_s.iv_cs_event_picture_result_cb", "offsetof iv_cs_init_parm_s.iv_cs_event_report_result_cb",
	"offsetof iv_cs_init_parm_s.iv_cs_notify_cb",
}

// enums are as wide as an int (AMB-47).
var enums = []string{"iv_cm_stream_type_e", "iv_cs_type_e", "iv_cs_event_report_opt_e", "iv_cs_notify_msg_type_e", "iv_cs_upload_state_e"}

// layouts compares sizes and offsets.
func (r *Report) layouts(ctx context.Context, c *compiler, look *target.Look) {
	ours, machine, err := c.measure(ctx, shimHeader, figures)
	if err != nil {
		r.add(Bad, "layout", "give --cc a C compiler for the library's machine", "%s cannot compile the shim's own header:\n%v", c.name(), err)
		return
	}
	if look != nil && machine != look.Machine {
		r.add(Bad, "layout", "give --cc the compiler that the library was built with", "the library is for %s, but %s compiles for %s: sizes cannot be compared", look.Machine, c.name(), machine)
		return
	}
	theirs, unknown := c.measureAll(ctx, figures)
	var wrong []string
	for _, f := range figures {
		if got, ok := theirs[f]; ok && got != ours[f] {
			wrong = append(wrong, fmt.Sprintf("%s is %d, and %d by the specification", f, got, ours[f]))
		}
	}
	widths := make([]string, len(enums))
	for i, e := range enums {
		widths[i] = "sizeof " + e
	}
	sizes, unnamed := c.measureAll(ctx, widths)
	narrow := false
	for _, e := range widths {
		if got, ok := sizes[e]; ok && got != 4 {
			narrow = true
			wrong = append(wrong, fmt.Sprintf("%s is %d, not 4", e, got))
		}
	}
	if unknown = append(unknown, unnamed...); len(unknown) > 0 {
		r.add(Bad, "layout", "declare them with the names of the specification (rule ABI-055)", "unknown to the vendor's headers: %s", some(unknown))
	}
	switch {
	case len(wrong) == 0 && len(unknown) == 0:
		r.ok("layout", "%d sizes and offsets of the vendor's headers are those of the specification on %s", len(figures)+len(enums), machine)
	case len(wrong) > 0:
		remedy := "compare the members in their order and types with the specification; look for #pragma pack, and for a flag in --cc that the library was not built with"
		if narrow {
			remedy = "build without -fshort-enums: enumerations are as wide as an int (AMB-47)"
		}
		r.add(Bad, "layout", remedy+". Until they agree the library reads other members than the caller has set", "%s", strings.Join(wrong, "\n"))
	}
}

// measureAll measures against the vendor's headers; if one name is unknown there,
// each by itself, so that one does not hide the others.
func (c *compiler) measureAll(ctx context.Context, names []string) (found map[string]int, unknown []string) {
	if found, _, err := c.measure(ctx, header, names); err == nil {
		return found, nil
	}
	found = map[string]int{}
	for _, n := range names {
		one, _, err := c.measure(ctx, header, []string{n})
		if err != nil {
			unknown = append(unknown, n)
			continue
		}
		found[n] = one[n]
	}
	return found, unknown
}

// measure compiles a probe and reads each figure from the object file: it is the
// length of an array less one, since an array may not have none.
func (c *compiler) measure(ctx context.Context, include string, names []string) (found map[string]int, machine string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "#include <stddef.h>\n#include \"%s\"\n", include)
	for i, n := range names {
		kind, of, _ := strings.Cut(n, " ")
		expr := kind + "(" + strings.Replace(of, ".", ", ", 1) + ")"
		fmt.Fprintf(&b, "char conform_figure_%d[%s + 1];\n", i, expr)
	}
	if err := c.object(ctx, b.String(), "probe.o"); err != nil {
		return nil, "", err
	}
	path := filepath.Join(c.dir, "probe.o")
	f, err := elf.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("%s makes no ELF object files: %w", c.name(), err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return nil, "", err
	}
	found = map[string]int{}
	for _, s := range symbols {
		var i int
		if _, err := fmt.Sscanf(s.Name, "conform_figure_%d", &i); err == nil {
			found[names[i]] = int(s.Size) - 1
		}
	}
	return found, target.MachineName(f.Machine, f.Class), nil
}
