//! Whole messages.

mod facts;
mod tree;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use clap::Args;
use mail_wire::Escaped;
use mime_codec::Message;

use crate::output::Refused;
use crate::pen::{Form, Pen};

#[derive(Args)]
pub(crate) struct Options {
    /// Messages; - is standard input.
    #[arg(required = true)]
    files: Vec<std::path::PathBuf>,
    /// One JSON object a line in place of a tree.
    #[arg(long)]
    json: bool,
    /// Refuses a message with the first of its defects.
    #[arg(long)]
    strict: bool,
    /// Leaves out the text of text parts, which JSON holds.
    #[arg(long, requires = "json")]
    no_text: bool,
    /// Shows the text of text parts, too.
    #[arg(long, conflicts_with = "json")]
    text: bool,
    /// Shows all fields of the header section.
    #[arg(long, conflicts_with = "json")]
    fields: bool,
    /// Octets of the longest message.
    #[arg(long, default_value_t = 256 << 20)]
    limit: usize,
}

/// A file that cannot be read.
pub(crate) struct Unreadable {
    pub(crate) file: String,
    pub(crate) error: io::Error,
}

/// Describes all messages. Those that cannot be read are listed; the others are described all the same.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> io::Result<Vec<Unreadable>> {
    let mut unreadable = Vec::new();
    for path in &options.files {
        let file = path.to_string_lossy().into_owned();
        match read(path, options.limit) {
            Ok(Ok(octets)) => describe(options, &file, &octets, out)?,
            Ok(Err(refused)) => refuse(options, &file, &refused, out)?,
            Err(error) => unreadable.push(Unreadable { file, error }),
        }
        out.flush()?;
    }
    Ok(unreadable)
}

/// The octets of a file, of which at most one more than the limit is read.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Result<Vec<u8>, Refused>> {
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut octets = Vec::new();
    source.take((limit as u64).saturating_add(1)).read_to_end(&mut octets)?;
    if octets.len() > limit {
        let error = format!("limit of {limit} octets exceeded");
        return Ok(Err(Refused { error, offset: limit }));
    }
    Ok(Ok(octets))
}

fn describe(options: &Options, file: &str, octets: &[u8], out: &mut impl Write) -> io::Result<()> {
    let message = Message::parse(octets);
    let defects = message.check();
    if let (true, Some(defect)) = (options.strict, defects.first()) {
        let error = defect.kind.to_string();
        let offset = defect.offset;
        return refuse(options, file, &Refused { error, offset }, out);
    }
    if options.json {
        facts::message(
            &message,
            file,
            &defects,
            !options.no_text,
            &mut Pen::new(out, Form::Json),
        )?;
    } else {
        let shown = tree::Shown {
            all_fields: options.fields,
            text: options.text,
        };
        tree::message(&message, file, &defects, shown, out)?;
    }
    out.write_all(b"\n")
}

fn refuse(options: &Options, file: &str, refused: &Refused, out: &mut impl Write) -> io::Result<()> {
    let Refused { error, offset } = refused;
    if options.json {
        let (file, error) = (serde_json::json!(file), serde_json::json!(error));
        return writeln!(out, r#"{{"file":{file},"error":{error},"offset":{offset}}}"#);
    }
    writeln!(out, "{}: refused: {error}, at octet {offset}", Escaped(file.as_bytes()))
}
