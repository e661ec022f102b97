package cloud

// Hint says what the user can do about an error whose code is known; it is "" for others. It is part of Error's text.
func (e *Error) Hint() string { return "" }
