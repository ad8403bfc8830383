package target

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// object is what a look into the file tells, before anything is run.
type object struct {
	machine   elf.Machine
	class     elf.Class
	exported  map[string]bool
	goRuntime bool
	blockers  []string // why the scaled clock cannot be used
	notes     []string
}

// dialect marks the later, multi-channel generation of the SDK: every call takes
// a channel first, so that calls of this specification would pass a channel as
// an event (AMB-94).
var dialect = []string{"iv_cs_resource_destroy", "iv_cs_upload_backup_video"}

// unscaled are the functions that libfaketime does not scale: what waits with
// them waits in machine time.
var unscaled = []string{"pthread_cond_clockwait", "sem_timedwait", "sem_clockwait", "pthread_mutex_timedlock", "pthread_mutex_clocklock"}

func inspect(path string) (*object, error) {
	file, err := os.Open(path)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &FileError{Path: path, Err: err}
		}
		return nil, &LoadError{Path: path, Reason: "cannot be read", Err: err, Remedy: "see its permissions"}
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, &LoadError{Path: path, Reason: "is a directory", Remedy: "give the path of the shared object in it"}
	}
	f, err := elf.NewFile(file)
	if err != nil {
		return nil, notELF(path, file, err)
	}
	if f.Type != elf.ET_DYN || isProgram(f) {
		return nil, &LoadError{Path: path, Reason: "is not a shared object but " + typeName(f.Type), Remedy: "link it with -shared -fPIC"}
	}
	o := &object{machine: f.Machine, class: f.Class, exported: map[string]bool{}, goRuntime: hasGo(f)}
	symbols, err := f.DynamicSymbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, &LoadError{Path: path, Reason: "its dynamic symbols cannot be read", Err: err, Remedy: "it may be damaged: build it again"}
	}
	imported := map[string]bool{}
	for _, s := range symbols {
		if s.Section == elf.SHN_UNDEF {
			imported[s.Name] = true
		} else {
			o.exported[s.Name] = true
		}
	}
	if o.goRuntime {
		o.blockers = append(o.blockers, "a Go runtime is inside, and asks the kernel for the time")
	}
	for _, name := range unscaled {
		if imported[name] {
			o.blockers = append(o.blockers, "it imports "+name+", which libfaketime does not scale")
		}
	}
	return o, o.functions(path, f)
}

// functions looks for the twelve, and for what may have become of missing ones.
func (o *object) functions(path string, f *elf.File) error {
	var missing []string
	for _, fn := range Functions() {
		if !o.exported[fn.String()] {
			missing = append(missing, fn.String())
		}
	}
	for _, name := range dialect {
		if o.exported[name] {
			return &LoadError{Path: path, Reason: "exports " + name + ": it speaks the later dialect, whose calls take a channel first",
				Remedy: "put an adapter before it that exports the calls of this specification, without the channel"}
		}
	}
	hidden := map[string]bool{}
	if all, err := f.Symbols(); err == nil {
		for _, s := range all {
			hidden[s.Name] = s.Section != elf.SHN_UNDEF
		}
	}
	for _, name := range missing {
		o.notes = append(o.notes, o.alike(name, hidden))
	}
	if len(missing) == len(Functions()) {
		return &LoadError{Path: path, Reason: "exports none of the 12 iv_cs_* functions (" + strings.Join(o.notes[:1], "") + ")",
			Remedy: "see that this is the right file, and that they have C linkage and default visibility"}
	}
	return nil
}

// alike says that a function is missing, and what there is in its place.
func (o *object) alike(name string, hidden map[string]bool) string {
	var mangled []string
	for s := range o.exported {
		if strings.HasPrefix(s, "_Z") && strings.Contains(s, fmt.Sprintf("%d%s", len(name), name)) {
			mangled = append(mangled, s)
		}
	}
	slices.Sort(mangled)
	switch {
	case len(mangled) > 0:
		return fmt.Sprintf("%s is missing: %s has a C++ name; declare it extern \"C\"", name, mangled[0])
	case hidden[name]:
		return name + " is missing: it is there but not exported; give it default visibility, or add it to the version script"
	}
	return name + " is missing"
}

func notELF(path string, file *os.File, err error) error {
	head := make([]byte, 8)
	n, _ := file.ReadAt(head, 0)
	head = head[:n]
	e := &LoadError{Path: path, Reason: "is no ELF file", Remedy: "give the shared object (.so) of the library"}
	switch {
	case bytes.HasPrefix(head, []byte("!<arch>")):
		e.Reason, e.Remedy = "is a static archive", "link it into a shared object: cc -shared -Wl,--whole-archive "+path
	case n == 0:
		e.Reason = "is empty"
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		e.Reason, e.Err, e.Remedy = "is a damaged ELF file", err, "build or copy it again"
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			e.Reason = "is an ELF file that is cut off"
		}
	case bytes.HasPrefix(head, []byte("/*")), bytes.HasPrefix(head, []byte("GROUP")), bytes.HasPrefix(head, []byte("INPUT")):
		e.Reason, e.Remedy = "is a linker script", "give the shared object that it names"
	}
	return e
}

// isProgram tells a position-independent program from a library.
func isProgram(f *elf.File) bool {
	flags, err := f.DynValue(elf.DT_FLAGS_1)
	return err == nil && len(flags) > 0 && flags[0]&uint64(elf.DF_1_PIE) != 0
}

func typeName(t elf.Type) string {
	switch t {
	case elf.ET_REL:
		return "an object file"
	case elf.ET_EXEC, elf.ET_DYN:
		return "a program"
	case elf.ET_CORE:
		return "a core dump"
	}
	return t.String()
}

func hasGo(f *elf.File) bool {
	for _, name := range []string{".go.buildinfo", ".note.go.buildid", ".gopclntab"} {
		if f.Section(name) != nil {
			return true
		}
	}
	return false
}

// machineName is "x86-64, 64 bit".
func machineName(m elf.Machine, c elf.Class) string {
	names := map[elf.Machine]string{elf.EM_X86_64: "x86-64", elf.EM_386: "x86", elf.EM_ARM: "ARM", elf.EM_AARCH64: "AArch64", elf.EM_MIPS: "MIPS", elf.EM_RISCV: "RISC-V"}
	name, ok := names[m]
	if !ok {
		name = strings.TrimPrefix(m.String(), "EM_")
	}
	bits := "32 bit"
	if c == elf.ELFCLASS64 {
		bits = "64 bit"
	}
	return name + ", " + bits
}

// sameMachine checks that the shim can load the library.
func (o *object) sameMachine(path, shim string) error {
	f, err := elf.Open(shim)
	if err != nil {
		return &ShimError{Reason: shim + " is no ELF program", Err: err, Remedy: "compile it for the library's machine"}
	}
	defer f.Close()
	if f.Machine == o.machine && f.Class == o.class {
		return nil
	}
	remedy := "set CC to a cross compiler for it, and give a runner such as qemu-user with --exec"
	switch o.machine {
	case elf.EM_386:
		remedy = "set CC=\"gcc -m32\" (Debian: apt install gcc-multilib)"
	case elf.EM_ARM:
		remedy = "set CC=arm-linux-gnueabihf-gcc and --exec \"qemu-arm -L /usr/arm-linux-gnueabihf\" (Debian: apt install gcc-arm-linux-gnueabihf qemu-user)"
	case elf.EM_AARCH64:
		remedy = "set CC=aarch64-linux-gnu-gcc and --exec \"qemu-aarch64 -L /usr/aarch64-linux-gnu\" (Debian: apt install gcc-aarch64-linux-gnu qemu-user)"
	}
	return &LoadError{Path: path, Reason: fmt.Sprintf("is for %s, and the shim for %s", machineName(o.machine, o.class), machineName(f.Machine, f.Class)), Remedy: remedy}
}
