package emulator

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStateOverARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	opts := Options{StateFile: file, VirtualClock: true, Connect: time.Hour, Upgrade: time.Hour}
	s, c := start(t, opts)
	id := c.buy(order(params{"ClientToken": "t"}))
	c.connect(id)
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil))
	tagged := seed(t, s, Instance{Tags: map[string]string{"a": "b"}, BindVpcs: []BindVpc{{VpcID: "vpc-2", VSwitchID: "vsw-2"}}})
	vpc := c.ok(serviceVPC, "CreateVpc", params{"RegionId": "cn-hangzhou"}).text("VpcId")
	c.ok(serviceVPC, "DeleteVSwitch", params{"VSwitchId": "vsw-bp1example"})
	c.ok(serviceVPC, "DeleteVpc", params{"VpcId": "vpc-bp1example"})
	s.Advance(10 * time.Minute)
	change(t, s, tagged.ID, Patch{Name: new("later")}) // the last thing that is saved
	want, orders, totals, now := s.Instances(), s.Orders(), s.Totals(), s.Now()

	// The first emulator is not closed: it might as well have been killed.
	again, c2 := start(t, opts)
	equal(t, again.Instances(), want)
	equal(t, again.Orders(), orders)
	totals.Calls = 0
	equal(t, again.Totals(), totals)
	equal(t, again.Now().Compare(now), 0)
	equal(t, c2.buy(order(params{"ClientToken": "t"})), id)
	networks := c2.ok(serviceVPC, "DescribeVpcs", params{"RegionId": "cn-hangzhou", "PageSize": "50"}).ids("Vpcs", "Vpc", "VpcId")
	if !slices.Contains(networks, vpc) || slices.Contains(networks, "vpc-bp1example") || !slices.Contains(networks, "vpc-bp1main00000000000000") {
		t.Errorf("the VPCs are %v", networks)
	}
	again.Advance(50 * time.Minute)
	c2.get(id).is(StatusConnected, "KmsInstance", "Status")
	bought := again.Orders()
	other := c2.buy(order(nil))
	if last := again.Orders()[len(bought)]; last.InstanceID != other || last.ID <= bought[len(bought)-1].ID {
		t.Errorf("order numbers start again: %+v", last)
	}
}

func TestDamagedStateFileIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	s, c := start(t, Options{StateFile: file})
	c.buy(order(nil))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "half": string(good[:len(good)/2]), "twice": string(good) + string(good), "not JSON": "hello",
		"no id":        strings.Replace(string(good), `"instanceId"`, `"instance"`, 1),
		"no sequence":  strings.Replace(string(good), `"orderSequence"`, `"order"`, 1),
		"other format": strings.Replace(string(good), `"format":1`, `"format":2`, 1),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{StateFile: file}); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("%s: the message does not help: %v", name, err)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != text {
			t.Errorf("%s: the damaged file was changed", name)
		}
	}
}

func TestStateFileThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{filepath.Join(dir, "none", "state.json"), dir} {
		if _, err := New(Options{StateFile: file}); err == nil {
			t.Errorf("%s was accepted", file)
		}
	}
	s, c := start(t, Options{StateFile: filepath.Join(dir, "state.json")})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c.refused(serviceBSS, "CreateInstance", order(nil), 500, "InternalError")
	if err := os.Mkdir(dir, 0o700); err != nil || len(s.Orders()) != 1 {
		t.Errorf("%v, %d orders", err, len(s.Orders()))
	}
}

// Whatever is answered has been saved, also when many answer at once, and the file is whole at every moment.
func TestEveryAnswerIsSaved(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	_, c := start(t, Options{StateFile: file})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			id := c.buy(order(nil))
			saved, err := load(file)
			if err != nil || !slices.ContainsFunc(saved.Instances, func(i *Instance) bool { return i.ID == id }) {
				t.Errorf("%s was answered but is not in the file: %v", id, err)
			}
		})
	}
	wg.Wait()
	left, err := filepath.Glob(file + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read the file: %v", info.Mode())
	}
}
