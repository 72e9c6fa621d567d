package schedule

import "slices"

// Kind is a scheduler, and how its files are written.
type Kind struct {
	Name, About string
	// Systems are the operating systems that have it, as Go names them; Usual are those where it is
	// what people use.
	Systems, Usual []string

	files func(*Job) ([]File, error)
}

// Kinds lists all schedulers.
var Kinds = []*Kind{
	{Name: "systemd", About: "a service and a timer, for Linux", Systems: []string{"linux"}, Usual: []string{"linux"},
		files: systemd},
}

// KindNamed returns the scheduler of a name, or nil.
func KindNamed(name string) *Kind {
	for _, kind := range Kinds {
		if kind.Name == name {
			return kind
		}
	}
	return nil
}

// UsualKind returns the scheduler that an operating system comes with.
func UsualKind(os string) *Kind {
	for _, kind := range Kinds {
		if slices.Contains(kind.Usual, os) {
			return kind
		}
	}
	return Kinds[0]
}

// Files returns the job in the format of the scheduler.
func (k *Kind) Files(j *Job) ([]File, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	return k.files(j)
}
