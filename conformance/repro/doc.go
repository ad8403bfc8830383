// Package repro writes a recorded scenario down as a program in C that its
// reader can compile, run and step through without this harness.
//
//	scenario.Recording ─┬─ repro.c      the calls, in order, with what each returned then
//	                    ├─ pushes.h     the packs, one a line
//	                    ├─ media.bin    their bytes, and those of pictures
//	                    ├─ repro.h      how a call is shown, how time passes, what callbacks do
//	                    ├─ faults.yaml  what the cloud did wrong from the start; faults-N.yaml: later
//	                    ├─ cloud.sh     asks conform cloud for a plan or for faults
//	                    └─ README.md    the rule, what was found, how to build and run
//
// The program is not the scenario: it judges nothing, and waits for a callback
// where the scenario had seen one. Its cloud is in real time. What cannot be
// said in C, or in a script of the cloud, stands in the README.
package repro
