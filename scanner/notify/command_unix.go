//go:build unix

package notify

import (
	"os/exec"
	"syscall"
)

// killGroup has a command killed together with everything that it started.
func killGroup(run *exec.Cmd) {
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.Cancel = func() error { return syscall.Kill(-run.Process.Pid, syscall.SIGKILL) }
}
