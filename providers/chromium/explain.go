package chromium

import "guestlist/providers/internal/localprofile"

// wording makes the sentences about what could not be read.
var wording = localprofile.Wording{Writer: "a browser", Remove: "in the browser"}
