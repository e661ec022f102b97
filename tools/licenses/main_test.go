package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/deps"
)

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to
whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

func TestNoticesHoldTheLicenseOfEveryModule(t *testing.T) {
	notices, err := check([]deps.Module{module(t, "example.com/a", mit), module(t, "github.com/mattn/go-localereader", "")})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"example.com/a v1.0.0 (MIT)", "Permission is hereby granted",
		"github.com/mattn/go-localereader v1.0.0 (MIT)", "according to the README.md",
	} {
		if !strings.Contains(string(notices), want) {
			t.Errorf("the notices do not contain %q", want)
		}
	}
}

func TestModulesWithoutAKnownOrAllowedLicenseAreRefused(t *testing.T) {
	zero := "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.\n" +
		"THE SOFTWARE IS PROVIDED \"AS IS\" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL " +
		"IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, " +
		"INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN " +
		"AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR " +
		"PERFORMANCE OF THIS SOFTWARE.\n"
	_, err := check([]deps.Module{
		module(t, "example.com/none", ""),
		module(t, "example.com/own", "All rights reserved. Ask before you use this."),
		module(t, "example.com/other", zero),
		module(t, "example.com/fine", mit),
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"example.com/none v1.0.0 has no license that we know",
		"example.com/own v1.0.0 has no license that we know",
		"example.com/other v1.0.0 comes under 0BSD",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not contain %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "example.com/fine") {
		t.Errorf("a module under MIT is refused:\n%v", err)
	}
}

func module(t *testing.T, path, license string) deps.Module {
	t.Helper()
	dir := t.TempDir()
	if license != "" {
		if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte(license), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return deps.Module{Path: path, Version: "v1.0.0", Dir: dir}
}
