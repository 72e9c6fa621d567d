package main

import (
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// The document is SPDX 2.3 in JSON: https://spdx.github.io/spdx-spec/v2.3/. What is in the program is
// read from the program itself, where Go writes it down, so it is what was linked and not what
// go.mod asks for.
type (
	spdxDocument struct {
		SPDXVersion       string             `json:"spdxVersion"`
		DataLicense       string             `json:"dataLicense"`
		ID                string             `json:"SPDXID"`
		Name              string             `json:"name"`
		DocumentNamespace string             `json:"documentNamespace"`
		CreationInfo      spdxCreation       `json:"creationInfo"`
		Packages          []spdxPackage      `json:"packages"`
		Relationships     []spdxRelationship `json:"relationships"`
	}
	spdxCreation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		ID               string          `json:"SPDXID"`
		Name             string          `json:"name"`
		Version          string          `json:"versionInfo"`
		FileName         string          `json:"packageFileName,omitempty"`
		DownloadLocation string          `json:"downloadLocation"`
		FilesAnalyzed    bool            `json:"filesAnalyzed"`
		Purpose          string          `json:"primaryPackagePurpose"`
		Checksums        []spdxChecksum  `json:"checksums,omitempty"`
		LicenceConcluded string          `json:"licenseConcluded"`
		LicenceDeclared  string          `json:"licenseDeclared"`
		Copyright        string          `json:"copyrightText"`
		References       []spdxReference `json:"externalRefs"`
	}
	spdxChecksum struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"checksumValue"`
	}
	spdxReference struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	spdxRelationship struct {
		Element string `json:"spdxElementId"`
		Type    string `json:"relationshipType"`
		Related string `json:"relatedSpdxElement"`
	}
)

const (
	spdxDocumentID = "SPDXRef-DOCUMENT"
	spdxProgramID  = "SPDXRef-guestlist"
	spdxUnknown    = "NOASSERTION"
)

func writeBillOfMaterials(args []string) error {
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	release := flags.String("release", "devel", "the `version` of the program")
	namespace := flags.String("namespace", "https://guestlist.example", "the `address` that the document's own begins with")
	date := dateFlag(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("sbom takes the program and the document, and has %d paths", flags.NArg())
	}
	document, err := billOf(flags.Arg(0), *release, *namespace, date.Time)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(flags.Arg(1), append(content, '\n'), 0o644)
}

// billOf lists what a program consists of.
func billOf(program, release, namespace string, date time.Time) (*spdxDocument, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("reading what is in %s: %w", program, err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	top, err := topOf()
	if err != nil {
		return nil, err
	}
	licences, err := readLicences(top)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	name := fmt.Sprintf("guestlist-%s-%s-%s", release, settingOf(info, "GOOS"), settingOf(info, "GOARCH"))
	document := &spdxDocument{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", ID: spdxDocumentID, Name: name,
		DocumentNamespace: strings.TrimSuffix(namespace, "/") + "/spdx/" + name + "-" + digest,
		CreationInfo: spdxCreation{Created: date.UTC().Format(time.RFC3339),
			Creators: []string{"Tool: guestlist-packaging-" + release}},
		Packages: []spdxPackage{{
			ID: spdxProgramID, Name: "guestlist", Version: release, FileName: settingOf(info, "GOOS") + "/guestlist",
			DownloadLocation: spdxUnknown, Purpose: "APPLICATION",
			Checksums:        []spdxChecksum{{"SHA256", digest}},
			LicenceConcluded: "Apache-2.0", LicenceDeclared: "Apache-2.0", Copyright: spdxUnknown,
			References: []spdxReference{packageURL("guestlist", release)},
		}},
		Relationships: []spdxRelationship{{spdxDocumentID, "DESCRIBES", spdxProgramID}},
	}
	document.add("stdlib", strings.TrimPrefix(info.GoVersion, "go"), []string{"BSD-3-Clause"})
	for _, dependency := range info.Deps {
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		if licences[dependency.Path] == nil {
			return nil, fmt.Errorf("%s is in %s and not in %s", dependency.Path, program, modulesFile)
		}
		document.add(dependency.Path, dependency.Version, licences[dependency.Path])
	}
	return document, nil
}

// add adds a module that the program contains. Where its files are under several licences, all of
// them apply.
func (d *spdxDocument) add(path, version string, licences []string) {
	id := "SPDXRef-" + spdxName(path)
	d.Packages = append(d.Packages, spdxPackage{
		ID: id, Name: path, Version: version, DownloadLocation: spdxUnknown, Purpose: "LIBRARY",
		LicenceConcluded: strings.Join(licences, " AND "), LicenceDeclared: strings.Join(licences, " AND "),
		Copyright: spdxUnknown, References: []spdxReference{packageURL(path, version)},
	})
	d.Relationships = append(d.Relationships, spdxRelationship{spdxProgramID, "CONTAINS", id})
}

// spdxName is a text as part of an ID, which may hold letters, digits, dots and hyphens.
func spdxName(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, text)
}

// packageURL is what searches for known vulnerabilities go by.
func packageURL(path, version string) spdxReference {
	return spdxReference{"PACKAGE-MANAGER", "purl", "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")}
}

func settingOf(info *debug.BuildInfo, key string) string {
	n := slices.IndexFunc(info.Settings, func(setting debug.BuildSetting) bool { return setting.Key == key })
	if n < 0 {
		return "unknown"
	}
	return cmp.Or(info.Settings[n].Value, "unknown")
}
