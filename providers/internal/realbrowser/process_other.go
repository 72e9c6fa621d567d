//go:build !unix

package realbrowser

import "os/exec"

func ownGroup(*exec.Cmd) {}

func (p *process) kill() { p.cmd.Process.Kill() }

func isRunning(int) bool { return true } // unknown: leave its things alone
