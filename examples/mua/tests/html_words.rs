//! The words of HTML, from the source itself: it is no part of what the program offers.

use html::words;

#[path = "../src/html.rs"]
mod html;

#[test]
fn words_are_what_stands_between_tags() {
    for (html, text) in [
        ("", ""),
        ("plain", "plain"),
        ("<h1>Menu</h1><ul><li>Butter<li>Jam</ul>", "Menu\nButter\nJam\n"),
        ("a\n\t b<br/>c<BR>d", "a b\nc\nd"),
        ("<script>if (a < b) alert('</b>')</SCRIPT>on", "on"),
        ("<style>p > b {}</style>x<!-- a > b -->y", "xy"),
        (
            "1 &lt; 2 &amp;amp; &#8364;&#x20AC; &unknown; &; &",
            "1 < 2 &amp; €€ &unknown; &; &",
        ),
        ("&#0;&#xD800;&#99999999999;", "\0&#xD800;&#99999999999;"),
        ("<a href=\"x\">here</a", "here"),
        ("<script>never ends", ""),
        ("<!-- never ends", ""),
    ] {
        assert_eq!(words(html), text, "{html}");
    }
}

/// All strings of what HTML is made of: none panics, none grows, and without `<` and `&` words stay.
#[test]
fn any_text_has_words() {
    let pieces = ["<", ">", "&", ";", "p", "/", "#", "!--", "-->", "é", " "];
    let mut texts = vec![String::new()];
    let mut from = 0;
    for _ in 0..4 {
        let to = texts.len();
        for at in from..to {
            let longer: Vec<String> = pieces.iter().map(|piece| format!("{}{piece}", texts[at])).collect();
            texts.extend(longer);
        }
        from = to;
    }
    for text in texts {
        let words = words(&text);
        assert!(words.len() <= text.len(), "{text:?} {words:?}");
        if !text.contains(['<', '&']) {
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&words), letters(&text));
        }
    }
}
