//go:build tools

// Package versitygw pins the S3 server that the integration tests talk to.
package versitygw

import _ "github.com/versity/versitygw/cmd/versitygw"
