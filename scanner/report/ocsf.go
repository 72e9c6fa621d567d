package report

import (
	"cmp"
	"io"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// OCSF is an event of the class Detection Finding (2004) of the Open Cybersecurity Schema Framework
// for each finding, one JSON object a line, for security data lakes: https://schema.ocsf.io. A
// source that was not read is an event like any other finding. A scan without findings writes
// nothing.
//
// Attributes are those that the class has in every version since 1.1. Everything else is in
// unmapped.
type OCSF struct{}

var ocsfFormat = Format{
	Name: "ocsf", About: "OCSF Detection Findings, one a line, for a SIEM", Also: []string{"siem"},
	Help: "Class 2004 of OCSF 1.3, an event for each finding. A scan without findings writes nothing.",
	New:  func(Style) Renderer { return OCSF{} },
}

// Numbers of the framework.
const (
	ocsfVersion  = "1.3.0"
	ocsfCategory = 2 // Findings
	ocsfClass    = 2004

	ocsfCreate = 1
	ocsfUpdate = 2
	ocsfClose  = 3

	ocsfStatusNew      = 1
	ocsfStatusResolved = 4

	ocsfAnalyticRule = 1
)

// ocsfLevel is the framework's number for a level, as a severity and as a risk level.
type ocsfLevel struct {
	severity int
	name     string
	risk     int
	riskName string
}

var ocsfLevels = map[inventory.Level]ocsfLevel{
	inventory.Info: {1, "Informational", 0, "Info"}, inventory.Low: {2, "Low", 1, "Low"},
	inventory.Medium: {3, "Medium", 2, "Medium"},
	inventory.High:   {4, "High", 3, "High"}, inventory.Critical: {5, "Critical", 4, "Critical"},
}

type ocsfEvent struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"` // milliseconds
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id,omitzero"`
	Status       string         `json:"status,omitzero"`
	Message      string         `json:"message"`
	RiskLevelID  *int           `json:"risk_level_id,omitzero"`
	RiskLevel    string         `json:"risk_level,omitzero"`
	Metadata     ocsfMetadata   `json:"metadata"`
	FindingInfo  ocsfInfo       `json:"finding_info"`
	Resources    []ocsfResource `json:"resources,omitempty"`
	Remediation  *ocsfRemedy    `json:"remediation,omitzero"`
	Unmapped     ocsfUnmapped   `json:"unmapped"`
}

type ocsfMetadata struct {
	Version string      `json:"version"`
	Product ocsfProduct `json:"product"`
	UID     string      `json:"correlation_uid,omitzero"` // identifies the scan
}

type ocsfProduct struct {
	Name    string `json:"name"`
	Vendor  string `json:"vendor_name"`
	Version string `json:"version,omitzero"`
}

type ocsfInfo struct {
	UID      string       `json:"uid"`
	Title    string       `json:"title"`
	Desc     string       `json:"desc,omitzero"`
	Types    []string     `json:"types"`
	Analytic ocsfAnalytic `json:"analytic"`
}

type ocsfAnalytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type ocsfResource struct {
	UID     string     `json:"uid,omitzero"`
	Name    string     `json:"name"`
	Type    string     `json:"type,omitzero"`
	Version string     `json:"version,omitzero"`
	Owner   *ocsfOwner `json:"owner,omitzero"`
}

type ocsfOwner struct {
	Name string `json:"name"`
	UID  string `json:"uid,omitzero"`
}

type ocsfRemedy struct {
	Desc string `json:"desc"`
}

// ocsfUnmapped is what the framework has no attribute for.
type ocsfUnmapped struct {
	Provider  string   `json:"provider,omitzero"`
	Change    string   `json:"change,omitzero"`
	Can       []string `json:"can,omitempty"`
	Gained    []string `json:"gained,omitempty"`
	Lost      []string `json:"lost,omitempty"`
	Before    string   `json:"before,omitzero"`
	After     string   `json:"after,omitzero"`
	Allowlist string   `json:"allowlist,omitzero"`
	Approve   string   `json:"approve_with,omitzero"` // the command
	Holders   int      `json:"holders"`
	// The files that decided the whole report.
	CheckedAgainst string `json:"checked_against"`
	ComparedWith   string `json:"compared_with"`
}

// Render implements [Renderer].
func (o OCSF) Render(w io.Writer, r *Report) error {
	for i := range r.Entries {
		e := &r.Entries[i]
		for _, f := range e.Findings {
			line, err := jsonLine(o.event(r, e, f))
			if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o OCSF) event(r *Report, e *Entry, f *diff.Finding) *ocsfEvent {
	level, known := ocsfLevels[f.Severity]
	if !known {
		level = ocsfLevel{severity: 99, name: inventory.Untrusted(f.Severity).String()}
	}
	activity, activityName := ocsfActivity(f.Change, r.Since.First)
	event := &ocsfEvent{
		ActivityID: activity, ActivityName: activityName, CategoryUID: ocsfCategory, CategoryName: "Findings",
		ClassUID: ocsfClass, ClassName: "Detection Finding", TypeUID: ocsfClass*100 + activity,
		TypeName: "Detection Finding: " + activityName,
		Time:     max(0, timeOf(r).UnixMilli()), SeverityID: level.severity, Severity: level.name,
		Message: e.Title.String() + ": " + f.Why.String(),
		Metadata: ocsfMetadata{
			Version: ocsfVersion, UID: r.RunID.String(),
			Product: ocsfProduct{Name: r.Tool.Name, Vendor: r.Tool.Name, Version: inventory.Untrusted(r.Tool.Version).String()},
		},
		FindingInfo: ocsfInfo{
			UID: f.ID, Title: e.Title.String() + ": " + f.Short().String(), Desc: f.Why.String(),
			Types: []string{f.Rule.String()},
			Analytic: ocsfAnalytic{UID: f.Rule.String(), Name: cmp.Or(f.Rule.Info().Summary, f.Rule.String()),
				TypeID: ocsfAnalyticRule, Type: "Rule"},
		},
		Resources: o.resources(f),
		Unmapped: ocsfUnmapped{
			Provider: inventory.Untrusted(f.Provider).String(), Change: f.Change.String(), Gained: allTexts(f.Gained),
			Lost:   allTexts(f.Lost),
			Before: f.Before.String(), After: f.After.String(), Allowlist: positionOf(f.Decided), Holders: f.HolderCount,
			Approve:        e.ApproveWith.String(),
			CheckedAgainst: r.checkedAgainst().String(), ComparedWith: r.comparedWith().String(),
		},
	}
	for n := range f.Reasons {
		event.Unmapped.Can = append(event.Unmapped.Can, reasonLine(&f.Reasons[n], f.Reasons[n].Subject.String()))
	}
	switch activity {
	case ocsfCreate:
		event.StatusID, event.Status = ocsfStatusNew, "New"
	case ocsfClose:
		event.StatusID, event.Status = ocsfStatusResolved, "Resolved"
	}
	if tier, known := ocsfLevels[f.Tier]; known {
		event.RiskLevelID, event.RiskLevel = &tier.risk, tier.riskName
	}
	if f.Remedy != "" {
		event.Remediation = &ocsfRemedy{f.Remedy.String()}
	}
	return event
}

// ocsfActivity says what became of a finding since the baseline. In a first scan every finding is
// created.
func ocsfActivity(change diff.Rule, first bool) (id int, name string) {
	switch {
	case change == diff.Removed:
		return ocsfClose, "Close"
	case first || change == diff.New:
		return ocsfCreate, "Create"
	}
	return ocsfUpdate, "Update"
}

// resources are the places where the app is: what it acts in, and who let it in.
func (OCSF) resources(f *diff.Finding) []ocsfResource {
	resources := make([]ocsfResource, len(f.Holders))
	for n := range f.Holders {
		a := &f.Holders[n]
		resource := ocsfResource{UID: f.App.ID.String(), Name: place(a), Type: inventory.Untrusted(f.Kind).String(),
			Version: a.Version.String()}
		if owner := cmp.Or(a.Holder.Account, a.Holder.User); owner != "" {
			resource.Owner = &ocsfOwner{Name: owner.String(), UID: a.Holder.AccountID.String()}
		}
		resources[n] = resource
	}
	return resources
}

func allTexts(list []inventory.Untrusted) []string {
	texts := make([]string, len(list))
	for n, each := range list {
		texts[n] = each.String()
	}
	return texts
}

// timeOf is when what the report says was true.
func timeOf(r *Report) time.Time {
	if r.Finished.IsZero() {
		return r.Started
	}
	return r.Finished
}
