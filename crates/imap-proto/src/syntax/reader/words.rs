//! Lists and words.

use alloc::vec::Vec;

use super::{Parse, Reader};
use crate::Atom;
use crate::syntax::class::is_atom_char;
use crate::syntax::scan;

impl<'a> Reader<'a> {
    /// `"(" item *(SP item) ")"`; with `extra_spaces` also spaces next to the brackets.
    pub(crate) fn list1<T>(&mut self, item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.open()?;
        let items = self.separated(item)?;
        self.close()?;
        Ok(items)
    }

    /// `"(" [item *(SP item)] ")"`
    pub(crate) fn list<T>(&mut self, item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.open()?;
        if self.accept(b')') {
            return Ok(Vec::new());
        }
        let items = self.separated(item)?;
        self.close()?;
        Ok(items)
    }

    /// `item *(SP item)`
    pub(crate) fn separated<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        // As many as a list that grows has room for at first.
        let mut items = Vec::with_capacity(4);
        self.separated_onto(&mut items, |items, reader| {
            items.push(item(reader)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// The same, for `item`s that are large: each pushes what it reads.
    pub(crate) fn separated_onto<T>(
        &mut self,
        items: &mut Vec<T>,
        mut item: impl FnMut(&mut Vec<T>, &mut Self) -> Parse<()>,
    ) -> Parse<()> {
        loop {
            item(items, self)?;
            if !self.accept_separator() {
                return Ok(());
            }
        }
    }

    /// The space between two items: not the one that a lenient peer puts before `)` or CRLF.
    #[inline]
    pub(crate) fn accept_separator(&mut self) -> bool {
        match self.rest {
            [b' ', b' ' | b')' | b']' | b'\r', ..] => self.accept_odd_separator(),
            [b' ', behind @ ..] => {
                self.rest = behind;
                true
            }
            _ => false,
        }
    }

    #[cold]
    pub(super) fn accept_odd_separator(&mut self) -> bool {
        let start = self.rest;
        if !self.accept_space() {
            return false;
        }
        if self.reading.leniency.extra_spaces && matches!(self.peek(), Some(b')' | b']' | b'\r')) {
            self.rest = start;
            return false;
        }
        true
    }

    /// `"("`
    #[inline]
    pub(crate) fn open(&mut self) -> Parse<()> {
        match self.rest {
            [b'(', behind @ ..] if !matches!(behind, [] | [b' ', ..]) => {
                self.rest = behind;
                Ok(())
            }
            _ => self.rare_open(),
        }
    }

    #[cold]
    fn rare_open(&mut self) -> Parse<()> {
        self.require(b'(', "\"(\"")?;
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        Ok(())
    }

    /// `")"`
    #[inline]
    pub(crate) fn close(&mut self) -> Parse<()> {
        match self.accept(b')') {
            true => Ok(()),
            false => self.rare_close(),
        }
    }

    #[cold]
    fn rare_close(&mut self) -> Parse<()> {
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        self.require(b')', "\")\"")
    }

    /// Takes `")"` if it is next.
    #[inline]
    pub(crate) fn accept_close(&mut self) -> bool {
        self.accept(b')') || self.accept_rare_close()
    }

    fn accept_rare_close(&mut self) -> bool {
        let start = self.rest;
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        let is_next = self.accept(b')');
        if !is_next {
            self.rest = start;
        }
        is_next
    }

    /// `atom = 1*ATOM-CHAR`
    #[inline]
    pub(crate) fn atom(&mut self) -> Parse<Atom<'a>> {
        let ordinary = scan::ordinary(self.rest);
        let behind = self.rest[ordinary..].iter().position(|&octet| !is_atom_char(octet));
        let len = behind.map_or(self.rest.len(), |behind| ordinary + behind);
        if len == 0 {
            return self.expected("an atom");
        }
        let (word, behind) = self.rest.split_at(len);
        self.rest = behind;
        Ok(Atom::checked(word))
    }
}
