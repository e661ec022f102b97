package deps

// declared are the licenses of modules that carry no license file, and where else their authors state them.
var declared = map[string]struct{ id, source string }{
	"github.com/alibabacloud-go/alibabacloud-gateway-pop": {"Apache-2.0", alibabaJava + "alibabacloud-gateway-pop"},
	"github.com/alibabacloud-go/darabonba-array":          {"Apache-2.0", alibabaJava + "darabonba-array"},
	"github.com/alibabacloud-go/darabonba-encode-util":    {"Apache-2.0", alibabaJava + "darabonba-encode-util"},
	"github.com/alibabacloud-go/darabonba-map":            {"Apache-2.0", alibabaJava + "darabonba-map"},
	"github.com/alibabacloud-go/darabonba-signature-util": {"Apache-2.0", alibabaJava + "darabonba-signature-util"},
	"github.com/alibabacloud-go/darabonba-string":         {"Apache-2.0", "README.md of the module"},
	"github.com/alibabacloud-go/endpoint-util":            {"Apache-2.0", alibabaJava + "endpoint-util"},
	"github.com/mattn/go-localereader":                    {"MIT", "README.md of the module"},
}

// alibabaJava: Alibaba Cloud generates one library for all languages and states the license in that for Java.
const alibabaJava = "pom.xml of the same library for Java, com.aliyun:"
