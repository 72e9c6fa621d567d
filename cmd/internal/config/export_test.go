package config

// Keys gives the schema's test the keys that the parser knows.
func Keys() map[string][]string { return words.Keys }
