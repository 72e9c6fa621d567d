package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"guestlist/scanner/lockfile"
	"guestlist/scanner/snapshot"
)

// exclusiveWait is how long an exclusive scan waits for another one that is about to end.
const exclusiveWait = time.Second

// exclude keeps other exclusive scans of the same series out until release is called, if that was
// asked for, as every scan does that posts. If there is one already, this one ends with an error: it has no result, and neither
// waits for hours nor counts as clean.
//
// The system holds the lock for as long as the process lives, so that nothing a killed run leaves
// behind, and no other process with its number, can keep later runs out.
func (p *pipeline) exclude(ctx context.Context, scope snapshot.Scope) (release func(), err error) {
	if !p.options.exclusive && p.options.post == nil {
		return func() {}, nil
	}
	dir := p.env.stateDir()
	store := storeIn(dir)
	if dir == "" || store.Prepare() != nil {
		p.warn("another scan may run at the same time: the state directory cannot be written, and the lock would be there")
		return func() {}, nil
	}
	patient, cancel := context.WithTimeout(ctx, exclusiveWait)
	defer cancel()
	release, err = store.LockRun(patient, p.series(scope), p.env.holder())
	busy := (*lockfile.LockedError)(nil)
	switch {
	case ctx.Err() != nil:
		return nil, runError(errInterrupted)
	case errors.As(err, &busy) && busy.Holder == "":
		return nil, runError(&busyError{errors.New("another exclusive scan of the same places is running: nothing was scanned")}, exclusiveHint)
	case errors.As(err, &busy):
		return nil, runError(&busyError{fmt.Errorf("an exclusive scan of the same places is running: %v: nothing was scanned", busy.Holder)}, exclusiveHint)
	case err != nil:
		return nil, runError(fmt.Errorf("locking the scan: %w", err))
	}
	return release, nil
}

const exclusiveHint = "if it hangs, end it; --timeout limits how long a scan may take"

// holder says to people who holds a lock.
func (env *Env) holder() string {
	return fmt.Sprintf("guestlist (process %d, since %s)", os.Getpid(), env.Now().UTC().Format(time.RFC3339))
}
