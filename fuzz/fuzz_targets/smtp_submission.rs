#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mail_submission::fuzzing::submission(data));
