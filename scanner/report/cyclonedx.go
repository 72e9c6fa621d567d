package report

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"strconv"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// CycloneDX is the inventory as a bill of materials, CycloneDX 1.6 in JSON: a component for each
// app, approved or not, with what guestlist knows about it as properties. Apps have no package URL,
// so a component's reference is the entry's ID, which stays the same from scan to scan.
//
// The composition of the bill is complete only if every source was read completely.
type CycloneDX struct{}

var cycloneDXFormat = Format{
	Name: "cyclonedx", About: "CycloneDX 1.6, the apps as components", Also: []string{"sbom", "bom"},
	Help: "Properties begin with guestlist:. The composition says whether every source was read.",
	New:  func(Style) Renderer { return CycloneDX{} },
}

type cdxDocument struct {
	Schema       string              `json:"$schema"`
	Format       string              `json:"bomFormat"`
	SpecVersion  string              `json:"specVersion"`
	Serial       string              `json:"serialNumber"`
	Version      int                 `json:"version"`
	Metadata     cdxMetadata         `json:"metadata"`
	Components   array[cdxComponent] `json:"components"`
	Compositions []cdxComposition    `json:"compositions"`
}

type cdxMetadata struct {
	Timestamp string `json:"timestamp,omitzero"`
	Tools     struct {
		Components []cdxComponent `json:"components"`
	} `json:"tools"`
	Component  cdxComponent       `json:"component"`
	Properties array[cdxProperty] `json:"properties"`
}

type cdxComponent struct {
	Type       string         `json:"type"`
	Ref        string         `json:"bom-ref,omitzero"`
	Publisher  string         `json:"publisher,omitzero"`
	Name       string         `json:"name"`
	Version    string         `json:"version,omitzero"`
	References []cdxReference `json:"externalReferences,omitempty"`
	Properties []cdxProperty  `json:"properties,omitempty"`
}

type cdxReference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type cdxProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type cdxComposition struct {
	Aggregate  string   `json:"aggregate"`
	Assemblies []string `json:"assemblies"`
}

// maxCDXVersion is how long a version can be in this format, in characters; the property holds it
// whole.
const maxCDXVersion = 1_024

// cdxPrefix begins the names of our properties.
const cdxPrefix = "guestlist:"

// cdxScan is the reference of what was scanned: the components are its parts.
const cdxScan = "guestlist-scan"

// Render implements [Renderer].
func (c CycloneDX) Render(w io.Writer, r *Report) error {
	document := cdxDocument{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Serial: cdxSerial(r), Metadata: c.metadata(r),
		Compositions: []cdxComposition{{aggregateOf(r), []string{cdxScan}}},
		Components: func(yield func(cdxComponent) bool) {
			for i := range r.Entries {
				if e := &r.Entries[i]; isComponent(e) && !yield(c.component(e, r)) {
					return
				}
			}
		},
	}
	return writeDocument(w, document)
}

// isComponent reports whether an entry is an app that is there.
func isComponent(e *Entry) bool {
	return e.About == diff.AboutApp && e.Change != diff.ChangeRemoved && !e.Rule().Info().Absent
}

// aggregateOf says whether the components are all that there are.
func aggregateOf(r *Report) string {
	switch sources := r.Summary.Sources; {
	case sources.Total == 0 || sources.Complete+sources.Partial == 0:
		return "unknown"
	case sources.Complete < sources.Total:
		return "incomplete"
	}
	return "complete"
}

// cdxSerial is a UUID (version 8, RFC 9562) derived from the scan, so that the same report gives
// the same bill.
func cdxSerial(r *Report) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "cyclonedx\x00%s\x00%d", r.RunID, r.Started.UnixNano()))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func (CycloneDX) metadata(r *Report) cdxMetadata {
	metadata := cdxMetadata{Timestamp: rfc3339(timeOf(r)),
		Component: cdxComponent{Type: "platform", Ref: cdxScan, Name: "guestlist scan"}}
	if r.Host != "" {
		metadata.Component.Name = r.Host.String()
	}
	metadata.Tools.Components = []cdxComponent{{Type: "application", Name: r.Tool.Name,
		Version: inventory.Untrusted(r.Tool.Version).String()}}
	metadata.Properties = func(yield func(cdxProperty) bool) {
		for _, property := range scanProperties(r) {
			if !yield(property) {
				return
			}
		}
		for i := range r.Coverage {
			if c := &r.Coverage[i]; c.IsGap() && !yield(cdxProperty{cdxPrefix + "not_read",
				c.Source.Name.String() + ": " + c.Reason.String()}) {
				return
			}
		}
	}
	return metadata
}

// scanProperties say what the scan found, and on what grounds.
func scanProperties(r *Report) cdxProperties {
	var properties cdxProperties
	properties.add("verdict", r.Verdict.String())
	properties.add("basis", r.basis(false))
	properties.add("exit_code", strconv.Itoa(r.ExitCode))
	properties.add("sources", strconv.Itoa(r.Summary.Sources.Total))
	properties.add("sources_complete", strconv.Itoa(r.Summary.Sources.Complete))
	return properties
}

func (CycloneDX) component(e *Entry, r *Report) cdxComponent {
	component := cdxComponent{Type: "application", Ref: e.ID, Publisher: e.App.Publisher.String(), Name: e.Title.String()}
	if link := webPage(e.App.URL); link != "" {
		component.References = []cdxReference{{"website", link}}
	}
	properties := cdxProperties{}
	properties.add("provider", inventory.Untrusted(e.Provider).String())
	properties.add("kind", inventory.Untrusted(e.Kind).String())
	properties.add("id", e.App.ID.String())
	for n := range e.Also {
		properties.add("id", e.Also[n].ID.String())
	}
	versions := texts(e.Holders, func(a diff.Affected) string { return a.Version.String() })
	if len(versions) == 1 {
		component.Version = cutBytes(versions[0], maxCDXVersion)
	}
	for _, version := range versions {
		properties.add("version", version)
	}
	properties.add("status", statusOf(e, r))
	properties.add("urgency", inventory.Untrusted(e.Urgency).String())
	for _, rule := range texts(e.Findings, func(f *diff.Finding) string { return f.Rule.String() }) {
		properties.add("rule", rule)
	}
	properties.add("change", e.Change.String())
	properties.add("tier", inventory.Untrusted(e.Tier).String())
	for _, reach := range e.Reach {
		properties.add("reach", string(reach))
	}
	for n := range e.Reasons {
		properties.add("can", reasonLine(&e.Reasons[n], e.Reasons[n].Subject.String()))
	}
	properties.add("holders", strconv.Itoa(e.HolderCount))
	for n := range e.Approvals {
		properties.add("approval", approvalLine(&e.Approvals[n]))
	}
	component.Properties = properties
	return component
}

// cdxProperties are properties with guestlist's names.
type cdxProperties []cdxProperty

func (p *cdxProperties) add(name, value string) {
	if value != "" {
		*p = append(*p, cdxProperty{cdxPrefix + name, value})
	}
}

// webPage returns an address in foreign text in its normal form; empty if it is not a web address.
func webPage(address inventory.Untrusted) string {
	link, err := url.Parse(address.String())
	if err != nil || link.Scheme != "https" && link.Scheme != "http" || link.Hostname() == "" || link.User != nil {
		return ""
	}
	return link.String()
}
