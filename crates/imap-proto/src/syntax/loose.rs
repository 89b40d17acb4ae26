//! Strings and numbers of FETCH data as servers send them: what the grammar says, and what [`Leniency`](crate::Leniency) adds to it.

use crate::Tokens;
use crate::syntax::class::is_astring_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::spelled::Spelled;

/// `nstring`; with `bare_strings` also a word.
#[inline(always)]
pub(crate) fn nstring<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    if let Some(plain) = reader.plain_quoted() {
        return Ok(Some(plain));
    }
    if reader.accept_nil() {
        return Ok(None);
    }
    rare_nstring(reader)
}

#[cold]
fn rare_nstring<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    match bare_word(reader) {
        Some(word) => Ok(Some(word)),
        None => reader.nstring(),
    }
}

/// `SP nstring`
#[inline(always)]
pub(crate) fn next_nstring<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    match plain_field(reader) {
        Some(plain) => Ok(plain),
        None => rare_next_nstring(reader),
    }
}

#[cold]
fn rare_next_nstring<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    reader.space()?;
    nstring(reader)
}

/// `SP nstring`; with `missing_fields` nothing, which is NIL.
#[inline(always)]
pub(crate) fn nstring_field<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    match plain_field(reader) {
        Some(plain) => Ok(plain),
        None => rare_nstring_field(reader),
    }
}

#[cold]
fn rare_nstring_field<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    match another_field(reader)? {
        true => nstring(reader),
        false => Ok(None),
    }
}

/// `SP nstring` as most are; `None` says nothing of others.
#[inline(always)]
fn plain_field<'a>(reader: &mut Reader<'a>) -> Option<Option<Spelled<'a>>> {
    match reader.next_plain_quoted() {
        Some(plain) => Some(Some(plain)),
        None => reader.accept_next_nil().then_some(None),
    }
}

/// `SP string`; with `nil_strings` also NIL, which is `None`.
#[inline(always)]
pub(crate) fn next_string<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    match reader.next_plain_quoted() {
        Some(plain) => Ok(Some(plain)),
        None => rare_next_string(reader),
    }
}

#[cold]
fn rare_next_string<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    reader.space()?;
    string(reader)
}

/// `string`; with `nil_strings` also NIL, which is `None`.
#[inline(always)]
pub(crate) fn string<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    match reader.plain_quoted() {
        Some(plain) => Ok(Some(plain)),
        None => rare_string(reader),
    }
}

#[cold]
fn rare_string<'a>(reader: &mut Reader<'a>) -> Parse<Option<Spelled<'a>>> {
    if reader.leniency().nil_strings && reader.accept_nil() {
        return Ok(None);
    }
    match bare_word(reader) {
        Some(word) => Ok(Some(word)),
        None => reader.string().map(Some),
    }
}

/// With `bare_strings`, the word that is next; `~` may also begin a literal8.
fn bare_word<'a>(reader: &mut Reader<'a>) -> Option<Spelled<'a>> {
    let is_word = reader.leniency().bare_strings
        && reader.peek().is_some_and(is_astring_char)
        && !reader.rest().starts_with(b"~{");
    is_word.then(|| Spelled::plain(reader.run(is_astring_char)))
}

/// `number64`; with `loose_numbers` whatever stands for one.
#[inline]
pub(crate) fn number(reader: &mut Reader<'_>) -> Parse<u64> {
    match reader.ordinary_number() {
        Some(number) => Ok(number.get().into()),
        None => rare_number(reader),
    }
}

#[cold]
fn rare_number(reader: &mut Reader<'_>) -> Parse<u64> {
    if !reader.leniency().loose_numbers {
        return reader.number64();
    }
    if reader.accept_nil() {
        return Ok(0);
    }
    let is_quoted = reader.accept(b'"');
    let is_negative = reader.accept(b'-');
    let digits = reader.run(|octet| octet.is_ascii_digit());
    if digits.is_empty() && !is_quoted {
        return reader.expected("a number");
    }
    if is_quoted {
        reader.require(b'"', "a number and a quote")?;
    }
    let number = digits.iter().fold(0u64, |number, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    });
    Ok(if is_negative { 0 } else { number.min(i64::MAX as u64) })
}

/// Whether another field follows, and its space; with `missing_fields` none needs to.
#[inline]
pub(crate) fn another_field(reader: &mut Reader<'_>) -> Parse<bool> {
    match reader.accept_plain_space() {
        true => Ok(true),
        false => rare_field(reader),
    }
}

#[cold]
fn rare_field(reader: &mut Reader<'_>) -> Parse<bool> {
    if reader.leniency().missing_fields && ends(reader) {
        return Ok(false);
    }
    reader.space()?;
    Ok(true)
}

/// Whether the list ends here, save for spaces that are let through.
#[inline]
pub(crate) fn ends(reader: &Reader<'_>) -> bool {
    match reader.peek() {
        Some(b')') => true,
        Some(b' ') if reader.leniency().extra_spaces => {
            reader.rest().iter().find(|&&octet| octet != b' ') == Some(&b')')
        }
        _ => false,
    }
}

/// With `extra_spaces`, takes the spaces that are there.
pub(crate) fn spaces(reader: &mut Reader<'_>) {
    if reader.leniency().extra_spaces {
        reader.run(|octet| octet == b' ');
    }
}

/// What `read` makes of it; with `loose_extensions` nothing where it does not fit, and one word, string or list is passed over.
#[inline]
pub(crate) fn or_nothing<'a, T: Default>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Parse<T>,
) -> Parse<T> {
    let start = reader.offset();
    match read(reader) {
        Err(_) if reader.leniency().loose_extensions => {
            reader.rewind(start);
            Tokens::read(reader).map(|_| T::default())
        }
        read => read,
    }
}

/// A name and its value, whatever they are. A list in place of a name has no value (Domino puts parentheses around items).
pub(crate) fn whole_item<'a>(reader: &mut Reader<'a>) -> Parse<Tokens<'a>> {
    let start = reader.offset();
    let is_list = reader.peek() == Some(b'(');
    Tokens::read(reader)?;
    if !is_list && !ends(reader) {
        reader.space()?;
        Tokens::read(reader)?;
    }
    Ok(Tokens::checked(reader.since(start)))
}
