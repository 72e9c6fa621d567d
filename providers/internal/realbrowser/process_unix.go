//go:build unix

package realbrowser

import (
	"os/exec"
	"syscall"
)

// ownGroup makes it possible to end the browser and its helpers together.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func (p *process) kill() { syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// isRunning reports whether a process exists.
func isRunning(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
