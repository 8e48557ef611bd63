package doctor_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
)

func TestReadSettings(t *testing.T) {
	want := map[string]string{"MODE": "plan", "SCOPE": "", "FUNCTIONS_WORKER_RUNTIME": "custom"}
	for name, file := range map[string]string{
		"local.settings.json": `{"IsEncrypted": false, "Values": {"MODE": "plan", "SCOPE": "", "FUNCTIONS_WORKER_RUNTIME": "custom"}, "Host": {"CORS": "*"}}`,
		"list":                `[{"name":"MODE","slotSetting":false,"value":"add"},{"name":"SCOPE","value":""},{"name":"FUNCTIONS_WORKER_RUNTIME","value":"custom"},{"name":"MODE","value":"plan"}]`,
		"with a mark":         "\xef\xbb\xbf" + `{"Values": {"MODE": "plan", "SCOPE": "", "FUNCTIONS_WORKER_RUNTIME": "custom"}}` + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := doctor.ReadSettings(strings.NewReader(file))
			if err != nil || !maps.Equal(got, want) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// TestReadSettingsToCheck: what was read can be checked.
func TestReadSettingsToCheck(t *testing.T) {
	values, err := doctor.ReadSettings(strings.NewReader(`{"Values": {"MODE": "fully"}}`))
	if err != nil {
		t.Fatal(err)
	}
	r := doctor.CheckSettings(func(name string) string { return values[name] }, nil)
	for _, f := range r.Findings {
		if f.Subject == "MODE" && f.Level == wrong {
			return
		}
	}
	t.Error(text(t, r))
}

func TestReadSettingsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ file, why string }{
		"empty":            {"", "no JSON"},
		"broken off":       {`{"Values": {"MODE": "pl`, "no JSON"},
		"two documents":    {`{"Values": {}} {}`, "no JSON"},
		"lines":            {"MODE=plan\n", "no JSON"},
		"text":             {`"MODE"`, `"Values"`},
		"no values":        {`{"MODE": "plan"}`, `"Values"`},
		"values a list":    {`{"Values": ["MODE"]}`, `"Values"`},
		"values null":      {`{"Values": null}`, `"Values"`},
		"encrypted":        {`{"IsEncrypted": true, "Values": {"MODE": "c2VjcmV0"}}`, "func settings decrypt"},
		"number":           {`{"Values": {"MAX_REMOVALS": 5}}`, `"MAX_REMOVALS" is no string`},
		"null":             {`[{"name":"MODE","value":null}]`, `"MODE" is null`},
		"no value":         {`[{"name":"MODE"}]`, `"MODE" is no string`},
		"no name":          {`[{"name":"MODE","value":"plan"},{"value":"secret"}]`, "entry 2"},
		"list of text":     {`["MODE=plan"]`, `"name" and "value"`},
		"UTF-16":           {"\xff\xfe[\x00]\x00", "UTF-16"},
		"larger than much": {`{"Values": {"MODE": "` + strings.Repeat("x", 1<<20) + `"}}`, "over 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := doctor.ReadSettings(strings.NewReader(tt.file))
			switch {
			case err == nil || values != nil:
				t.Errorf("%v, %v", values, err)
			case !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.why) || strings.Contains(err.Error(), "secret"):
				t.Error(err)
			}
		})
	}
}

func TestReadSettingsFails(t *testing.T) {
	if _, err := doctor.ReadSettings(iotest.ErrReader(errors.New("the disk is gone"))); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
