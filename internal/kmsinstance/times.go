package kmsinstance

import (
	"os"
	"time"
)

// All times of the resource, from the shortest to the longest. Those of single calls are in internal/cloud, and those of whole
// operations in internal/guard.
const (
	// firstPoll and lastPoll bound the pause between two looks at an instance that is waited for; pollShare is the part of the
	// time waited that it grows with. What is done soon is noticed at once, and a long wait is not much longer than it must be.
	firstPoll = 400 * time.Millisecond
	lastPoll  = 5 * time.Second
	pollShare = 20
	// lastLook bounds the calls that are made after an operation has been stopped: it must return within two seconds.
	lastLook = 1500 * time.Millisecond
	// goneAgain is how long after an answer that an instance does not exist it is asked for again.
	goneAgain = 3 * time.Second
	// previewLook bounds what a preview waits for a look that can only warn. It bounds what is nice to know in an update, too.
	previewLook = 5 * time.Second
	// settingsShown is how long accepted settings may take to show.
	settingsShown = 10 * time.Second
	// sameLine is how often a status line is shown again if only the elapsed time has changed: logs of CI keep every line.
	sameLine = 10 * time.Second
	// oneLook is for how long several creates share one look for lost purchases.
	oneLook = 10 * time.Second
	// identityTimeout bounds the question for the account in an operation that changes something.
	identityTimeout = 30 * time.Second
	// billedLook bounds the look at billing's list, which is not needed.
	billedLook = 30 * time.Second
	// unknownStatus is how long an instance may have a status that nobody knows.
	unknownStatus = time.Minute
	// listLook bounds the look at KMS's list of instances, without which nothing is bought.
	listLook = 2 * time.Minute
	// appears is how long Delete waits for an instance that KMS has never shown, if its deadline leaves the time.
	appears = 5 * time.Minute
	// sizesShown is how long an update waits for the ordered sizes.
	sizesShown = 10 * time.Minute
	// lookAgainUnseen is how long a create waits for an instance that KMS does not show yet, or while another order of this
	// process has no answer: the instance may be that order's.
	lookAgainUnseen = 15 * time.Minute
	// billedRecently is how young an instance is that billing lists and KMS does not show yet.
	billedRecently = 15 * time.Minute
	// countsAsShown is for how long accepted sizes count as there, and for how long an instance that KMS has never shown may
	// still appear.
	countsAsShown = time.Hour
	// tokenLives is how long a client token is trusted. How long BSS remembers one is not documented.
	tokenLives = time.Hour
	// lostRecently is how young an instance is that a lost run may have bought.
	lostRecently = 7 * 24 * time.Hour
	// endsSoon is how long before the end of a Subscription a refresh warns.
	endsSoon = 30 * 24 * time.Hour
)

// lookAgain is how long a create looks again at an instance that may be a lost purchase: the engine may ask about it a moment
// later. Tests set the environment variable to wait less.
var lookAgain = durationFrom("ALICLOUD_KMS_LOOK_AGAIN", time.Minute)

func durationFrom(variable string, otherwise time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(variable)); err == nil && d >= 0 {
		return d
	}
	return otherwise
}
