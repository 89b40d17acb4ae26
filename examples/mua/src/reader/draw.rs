//! The screen: mailboxes at the left, the list of messages, and the message below it or, on a wide screen, beside it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::keys::KEYS;
use super::state::{App, Measured, Mode, Opened, Pane};
use super::wrap::wrap;
use crate::harmless;
use crate::summary::{Summary, fitted};

/// Colours, or none: then bold, reversed and underlined text says the same.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    has_color: bool,
}

impl Palette {
    /// With colours or without.
    pub const fn new(has_color: bool) -> Self {
        Self { has_color }
    }

    fn colored(self, color: Color) -> Style {
        match self.has_color {
            true => Style::new().fg(color),
            false => Style::new(),
        }
    }

    fn bar(self) -> Style {
        match self.has_color {
            true => Style::new().fg(Color::White).bg(Color::Blue),
            false => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// What the cursor is on; where keys go elsewhere it is only underlined.
    fn cursor(self, is_active: bool) -> Style {
        match is_active {
            true => Style::new().add_modifier(Modifier::REVERSED),
            false => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    fn border(self, is_active: bool) -> Style {
        match is_active {
            true => self.colored(Color::Cyan).add_modifier(Modifier::BOLD),
            false => self.colored(Color::DarkGray),
        }
    }
}

/// Draws everything, and says how large the panes are.
pub fn draw(frame: &mut Frame<'_>, app: &App, palette: Palette) -> Measured {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        frame.render_widget(Paragraph::new("The window is too small."), area);
        return Measured::default();
    }
    let [top, middle, status, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    title(frame, app, palette, top);
    let (folders_at, list_at, text_at) = panes(middle);
    folders(frame, app, palette, folders_at);
    let list = list(frame, app, palette, list_at);
    let (text, needed) = text(frame, app, palette, text_at);
    bottom(frame, app, palette, status, keys);
    match &app.mode {
        Mode::Help => help(frame, palette, area),
        Mode::Attachments(at) => attachments(frame, app, palette, area, *at),
        Mode::Browse | Mode::Search(_) | Mode::Confirm(_) => {}
    }
    Measured { list, text, needed }
}

fn panes(area: Rect) -> (Rect, Rect, Rect) {
    let is_wide = area.width >= WIDE;
    let [left, right] =
        Layout::horizontal([Constraint::Length(if is_wide { 28 } else { 18 }), Constraint::Min(0)]).areas(area);
    let [list, text] = match is_wide {
        true => Layout::horizontal([Constraint::Percentage(45), Constraint::Percentage(55)]).areas(right),
        false => Layout::vertical([Constraint::Percentage(40), Constraint::Percentage(60)]).areas(right),
    };
    (left, list, text)
}

fn title(frame: &mut Frame<'_>, app: &App, palette: Palette, area: Rect) {
    let open = app.folders.iter().find(|folder| folder.name == app.mailbox);
    let unseen = open.map_or(0, |folder| folder.unseen);
    let new = if unseen > 0 {
        format!(", {unseen} new")
    } else {
        String::new()
    };
    let found = app
        .found
        .as_ref()
        .map(|words| format!(", with “{words}”"))
        .unwrap_or_default();
    let text = harmless::line(&format!(" mua  {}  {}{new}{found}", app.title, app.mailbox));
    let line = Line::styled(
        fitted(&text, area.width.into()),
        palette.bar().add_modifier(Modifier::BOLD),
    );
    frame.render_widget(line, area);
}

fn pane<'t>(name: &'t str, is_active: bool, palette: Palette) -> Block<'t> {
    Block::new()
        .borders(Borders::ALL)
        .border_style(palette.border(is_active))
        .title(name)
}

fn folders(frame: &mut Frame<'_>, app: &App, palette: Palette, area: Rect) {
    let is_active = app.pane == Pane::Folders;
    let block = pane(" Mailboxes ", is_active, palette);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let (height, width) = (usize::from(inside.height), usize::from(inside.width));
    let rows = app
        .folders
        .iter()
        .enumerate()
        .skip(first(app.folder, height))
        .take(height);
    let rows: Vec<Line<'_>> = rows
        .map(|(at, folder)| {
            let count = if folder.unseen > 0 {
                format!(" {}", folder.unseen)
            } else {
                String::new()
            };
            let name = fitted(&harmless::line(&folder.name), width.saturating_sub(count.len()));
            let mut style = match folder.unseen {
                0 => Style::new(),
                _ => Style::new().add_modifier(Modifier::BOLD),
            };
            if !folder.selectable {
                style = style.patch(palette.colored(Color::DarkGray));
            }
            if at == app.folder {
                style = style.patch(palette.cursor(is_active));
            }
            Line::styled(format!("{name}{count}"), style)
        })
        .collect();
    frame.render_widget(Paragraph::new(rows), inside);
}

fn list(frame: &mut Frame<'_>, app: &App, palette: Palette, area: Rect) -> usize {
    let is_active = app.pane == Pane::Messages;
    let name = match app.messages.is_empty() {
        true => " Messages ".to_owned(),
        false => format!(" Messages {} of {} ", app.cursor + 1, app.messages.len()),
    };
    let block = pane(&name, is_active, palette);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let (height, width) = (usize::from(inside.height), usize::from(inside.width));
    let rows = app
        .messages
        .iter()
        .enumerate()
        .skip(first(app.cursor, height))
        .take(height);
    let rows: Vec<Line<'_>> = rows
        .map(|(at, message)| {
            let style = match at == app.cursor {
                true => palette.cursor(is_active),
                false => Style::new(),
            };
            row(message, width, palette).patch_style(style)
        })
        .collect();
    frame.render_widget(Paragraph::new(rows), inside);
    height
}

/// Marks, date, writer, subject.
fn row(message: &Summary, width: usize, palette: Palette) -> Line<'static> {
    let style = match message.has("\\Seen") {
        true => Style::new(),
        false => Style::new().add_modifier(Modifier::BOLD),
    };
    let minute = message.minute();
    // The year goes where there is little room.
    let (date, writer) = if width >= ROOMY {
        (minute.as_str(), 24)
    } else {
        (minute.get(5..).unwrap_or(""), 14)
    };
    let subject = match message.subject.is_empty() {
        true => "(no subject)".to_owned(),
        false => harmless::line(&message.subject),
    };
    let used = 5 + date.width() + 1 + writer + 1;
    Line::from(vec![
        Span::styled(
            format!("{} ", message.marks()),
            palette.colored(Color::Yellow).patch(style),
        ),
        Span::styled(format!("{date} "), palette.colored(Color::Green).patch(style)),
        Span::styled(format!("{} ", fitted(&message.writer(), writer)), style),
        Span::styled(fitted(&subject, width.saturating_sub(used)), style),
    ])
}

/// Returns the rows there are, and the rows that would be needed.
fn text(frame: &mut Frame<'_>, app: &App, palette: Palette, area: Rect) -> (usize, usize) {
    let Some(opened) = &app.opened else {
        let block = pane(" Message ", false, palette);
        let inside = block.inner(area);
        frame.render_widget(block, area);
        frame.render_widget(Paragraph::new("Enter opens a message, ? explains the keys."), inside);
        return (inside.height.into(), 0);
    };
    let inner = pane("", true, palette).inner(area);
    let rows = rows(opened, palette, inner.width.into());
    let (height, needed) = (usize::from(inner.height), rows.len());
    let scroll = opened.scroll.min(needed.saturating_sub(height));
    let name = match needed > height {
        true => format!(" Message {}% ", (scroll + height) * 100 / needed),
        false => " Message ".to_owned(),
    };
    frame.render_widget(pane(&name, app.pane == Pane::Text, palette), area);
    let shown: Vec<Line<'_>> = rows.into_iter().skip(scroll).take(height).collect();
    frame.render_widget(Paragraph::new(shown), inner);
    (height, needed)
}

/// Fields, attachments, an empty line, the text.
fn rows(opened: &Opened, palette: Palette, width: usize) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    for (name, value) in &opened.fields {
        let style = palette.colored(Color::Cyan);
        rows.extend(
            wrap(&format!("{name}: {value}"), width)
                .into_iter()
                .map(|row| Line::styled(row, style)),
        );
    }
    for attachment in &opened.attachments {
        let style = palette.colored(Color::Yellow).add_modifier(Modifier::BOLD);
        rows.extend(
            wrap(&attachment.to_string(), width)
                .into_iter()
                .map(|row| Line::styled(row, style)),
        );
    }
    rows.push(Line::default());
    for line in &opened.lines {
        // What others have written before.
        let style = match line.starts_with('>') {
            true => palette.colored(Color::Green),
            false => Style::new(),
        };
        rows.extend(wrap(line, width).into_iter().map(|row| Line::styled(row, style)));
    }
    rows
}

fn bottom(frame: &mut Frame<'_>, app: &App, palette: Palette, status: Rect, keys: Rect) {
    let (text, style) = match &app.mode {
        Mode::Search(words) => (format!(" Search: {words}▏"), Style::new().add_modifier(Modifier::BOLD)),
        Mode::Confirm(_) => (
            " Delete this message for ever? y deletes, any other key does not".to_owned(),
            palette.colored(Color::Red).add_modifier(Modifier::BOLD),
        ),
        _ => (format!(" {}", app.status), Style::new()),
    };
    frame.render_widget(
        Line::styled(fitted(&harmless::line(&text), status.width.into()), style),
        status,
    );
    let hint = match &app.mode {
        Mode::Browse => " Tab pane  Enter open  f flag  u seen  d delete  s save  / find  ? help  q quit",
        Mode::Help => " any key goes back",
        Mode::Search(_) => " Enter searches  Esc does not",
        Mode::Attachments(_) => " ↑↓ choose  Enter saves it  a saves all  Esc goes back",
        Mode::Confirm(_) => " y deletes",
    };
    frame.render_widget(Line::styled(fitted(hint, keys.width.into()), palette.bar()), keys);
}

fn help(frame: &mut Frame<'_>, palette: Palette, area: Rect) {
    let rows: Vec<String> = KEYS
        .iter()
        .map(|(key, what)| format!(" {} {what}", fitted(key, 17)))
        .collect();
    popup(frame, palette, area, " Keys ", rows, None);
}

fn attachments(frame: &mut Frame<'_>, app: &App, palette: Palette, area: Rect, at: usize) {
    let list = app
        .opened
        .as_ref()
        .map(|opened| opened.attachments.as_slice())
        .unwrap_or_default();
    let rows = list.iter().map(|attachment| format!(" {attachment}")).collect();
    popup(frame, palette, area, " Attachments ", rows, Some(at));
}

/// A box in the middle, as large as its rows.
fn popup(frame: &mut Frame<'_>, palette: Palette, area: Rect, name: &str, rows: Vec<String>, cursor: Option<usize>) {
    let widest = rows.iter().map(|row| row.width()).max().unwrap_or(0).max(30) + 3;
    let width = u16::try_from(widest).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let place = Rect::new((area.width - width) / 2, (area.height - height) / 2, width, height);
    let block = pane(name, true, palette);
    let inside = block.inner(place);
    frame.render_widget(Clear, place);
    frame.render_widget(block, place);
    let inner = usize::from(inside.height);
    let rows = rows
        .iter()
        .enumerate()
        .skip(first(cursor.unwrap_or(0), inner))
        .take(inner);
    let rows: Vec<Line<'_>> = rows
        .map(|(at, row)| {
            let style = if cursor == Some(at) {
                palette.cursor(true)
            } else {
                Style::new()
            };
            Line::styled(fitted(row, inside.width.into()), style)
        })
        .collect();
    frame.render_widget(Paragraph::new(rows), inside);
}

/// The first row that is shown, so that the cursor is.
const fn first(cursor: usize, height: usize) -> usize {
    (cursor + 1).saturating_sub(height)
}

/// Columns and rows below which nothing is drawn.
const LEAST: (u16, u16) = (40, 10);

/// Columns from which the message stands beside the list.
const WIDE: u16 = 120;

/// Columns of the list from which dates have a year.
const ROOMY: usize = 70;
