//! A style sheet without what only people read: comments, indentation and spaces that mean nothing.
//!
//! Text in, text out; texts in quotes stay as they are. Knows no files: see `bundle`.

/// Marks beside which a space means nothing, in selectors and in declarations alike.
const TIGHT: [char; 5] = ['{', '}', ';', ',', '>'];

/// The same rules in fewer bytes.
pub(crate) fn minified(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css.chars().peekable();
    let mut is_spaced = false;
    while let Some(mark) = rest.next() {
        if mark.is_whitespace() {
            is_spaced = true;
            continue;
        }
        if mark == '/' && rest.peek() == Some(&'*') {
            rest.next();
            skip_comment(&mut rest);
            is_spaced = true;
            continue;
        }
        // Behind a colon stands a value; before one a space may stand for any element inside.
        let last = out.chars().next_back();
        let is_tight =
            TIGHT.contains(&mark) || last.is_none_or(|last| TIGHT.contains(&last) || last == ':');
        if is_spaced && !is_tight {
            out.push(' ');
        }
        is_spaced = false;
        if mark == '}' && last == Some(';') {
            out.pop();
        }
        out.push(mark);
        if mark == '"' || mark == '\'' {
            copy_text(mark, &mut rest, &mut out);
        }
    }
    out
}

fn skip_comment(rest: &mut impl Iterator<Item = char>) {
    let mut last = ' ';
    for mark in rest {
        if last == '*' && mark == '/' {
            return;
        }
        last = mark;
    }
}

fn copy_text(quote: char, rest: &mut impl Iterator<Item = char>, out: &mut String) {
    let mut is_escaped = false;
    for mark in rest {
        out.push(mark);
        if mark == quote && !is_escaped {
            return;
        }
        is_escaped = mark == '\\' && !is_escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::minified;

    #[test]
    fn what_means_nothing_goes() {
        let css = "/* a */\n.one > b ,\n.two {\n  margin: 0 -1px ;\n  color: var( --ink );\n}\n/* b */ i { }\n";
        assert_eq!(minified(css), ".one>b,.two{margin:0 -1px;color:var( --ink )}i{}");
    }

    #[test]
    fn a_space_that_means_something_stays() {
        let css = "li :hover .a::before { width: calc(100% - 2 * var(--gap)); font: 600 10px/13px x }\n@media (min-width: 3px) and (hover) { p + p { top: 0 } }";
        let same = "li :hover .a::before{width:calc(100% - 2 * var(--gap));font:600 10px/13px x}@media (min-width:3px) and (hover){p + p{top:0}}";
        assert_eq!(minified(css), same);
        assert_eq!(minified("a/* between */b{}"), "a b{}");
    }

    #[test]
    fn texts_in_quotes_stay_as_they_are() {
        let css = "i::before { content: \"a  /* b */ ; } \\\" c\"; }";
        assert_eq!(minified(css), "i::before{content:\"a  /* b */ ; } \\\" c\"}");
    }
}
