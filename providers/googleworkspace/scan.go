package googleworkspace

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// scan is one Collect of users and what they hold.
type scan struct {
	*reader
	state        *checkpoint.State
	sink         scanner.Sink
	organization inventory.Untrusted
	users        inventory.Source
	projects     []string // the organization's own
	internal     atomic.Int64
	listing      listing
	grants       *tally.Tally
	passwords    *tally.Tally
	events       logCoverage
	usage        usageCoverage
	apps         appIndex
	total        int
	byAddress    addressEvents
	again        retries
	finished     atomic.Int64
	resumed      atomic.Int64
	carried      atomic.Int64
	duplicates   int
}

func newScan(r *reader, state *checkpoint.State, sink scanner.Sink) *scan {
	s := &scan{reader: r, state: state, sink: sink, organization: r.config.Target()}
	s.users = r.api.Source(inventory.GoogleWorkspace, "users")
	s.projects = slices.Concat(r.config.Projects, r.api.Projects())
	if r.api.Has(api.Grants) {
		s.grants = &tally.Tally{Feature: api.Grants, Source: r.api.Source(inventory.GoogleWorkspace, "grants")}
	}
	if r.api.Has(api.AppPasswords) {
		s.passwords = &tally.Tally{Feature: api.AppPasswords,
			Source: r.api.Source(inventory.GoogleWorkspace, "app-passwords")}
	}
	return s
}

// run lists, prepares and reads. It returns an error only when the scan cannot go on: an interrupt,
// a full disk, a failing sink.
func (s *scan) run(ctx context.Context) error {
	prepared, err := s.isPrepared()
	if err != nil {
		return err
	}
	if prepared {
		s.total = s.state.Meta.Users
		s.listing.users = s.total
	} else if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.readAll(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.keep()
}

// isPrepared reports whether an interrupted scan had listed everyone and the list is still whole: a
// power failure may have lost part of it, and no user may be missing because of that.
func (s *scan) isPrepared() (bool, error) {
	if !s.state.Resumed || !s.state.Meta.Prepared {
		return false, nil
	}
	listed, outside := 0, 0
	var units unitTally
	for part := range s.state.Run.Parts {
		err := checkpoint.Each(s.state.Run, checkpoint.Users, part, func(user userRecord) {
			units.add(user.Unit)
			if user.Outside {
				outside++
			} else {
				listed++
			}
		})
		if err != nil {
			return false, err
		}
	}
	s.listing.units, s.listing.outside = units, outside
	return listed == s.state.Meta.Users && outside == s.state.Meta.Outside, nil
}

// prepare drains the list of users, and what the log and the usage report say about them, to disk.
func (s *scan) prepare(ctx context.Context) error {
	for _, kind := range []string{checkpoint.Listed, checkpoint.Users, checkpoint.Events, checkpoint.Counts,
		checkpoint.Addressed} {
		if err := s.state.Run.Remove(kind); err != nil {
			return err
		}
	}
	s.listing = listing{}
	if err := s.listUsers(ctx); err != nil {
		return err
	}
	s.total = s.listing.users
	if err := s.spread(); err != nil {
		return err
	}
	if err := s.readLog(ctx); err != nil {
		return err
	}
	if err := s.readUsage(ctx); err != nil {
		return err
	}
	if err := s.state.Run.Close(); err != nil {
		return err
	}
	s.state.Meta.Users, s.state.Meta.Outside = s.total, s.listing.outside
	s.state.Meta.Prepared = s.listing.fault == nil && s.events.fault == nil && s.usage.fault == nil
	return s.state.SaveMeta()
}

// spread distributes the listed users over the parts.
func (s *scan) spread() error {
	run := s.state.Run
	if err := run.Close(); err != nil {
		return err
	}
	s.state.Divide(s.total)
	if run.Parts == 1 {
		return run.Rename(checkpoint.Listed, checkpoint.Users)
	}
	err := run.Each(checkpoint.Listed, 0, func(line []byte) error {
		var user struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(line, &user); err != nil {
			return fmt.Errorf("reading the scan's state: %w", err)
		}
		return run.AddLine(checkpoint.Users, user.ID, line)
	})
	if err != nil {
		return err
	}
	return run.Remove(checkpoint.Listed)
}

// readAll passes every user to the workers, part by part, and then once more those whose read
// failed for the moment.
func (s *scan) readAll(ctx context.Context) error {
	if err := s.byAddress.load(s.state.Run); err != nil {
		return err
	}
	err := s.work(ctx, func(ctx context.Context, jobs chan<- *job) error {
		for part := range s.state.Run.Parts {
			if err := s.feed(ctx, part, jobs); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.grants.Again()
	s.passwords.Again()
	return s.work(ctx, func(ctx context.Context, jobs chan<- *job) error {
		for _, job := range s.again.jobs {
			job.last = true
			select {
			case jobs <- job:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
}

// work has the workers read what feed gives them.
func (s *scan) work(ctx context.Context, feed func(context.Context, chan<- *job) error) error {
	group, working := errgroup.WithContext(ctx)
	jobs := make(chan *job)
	for range s.config.Workers {
		group.Go(guard.Go(func() error {
			for job := range jobs {
				if err := s.readUser(working, job); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	group.Go(guard.Go(func() error {
		defer close(jobs)
		return feed(working, jobs)
	}))
	err := group.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// keep finishes the state: a scan that asked about everyone becomes the base of the next
// incremental one. A scan that was stopped by a fault for everyone remains an interrupted one.
func (s *scan) keep() error {
	if s.listing.fault != nil || s.grants.Ended() != nil || s.passwords.Ended() != nil {
		return nil
	}
	if s.events.fault != nil {
		s.state.Meta.Partial = "the token log could not be read"
	}
	return s.state.Finish()
}
