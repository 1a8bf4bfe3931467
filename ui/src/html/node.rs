//! What stands in an element: texts, elements, lists, and what follows signals.

use std::borrow::Cow;

use super::Element;

/// Content to be.
#[derive(Default)]
pub enum Node {
    /// Nothing, in a place of its own.
    #[default]
    Nothing,
    /// A text.
    Text(Cow<'static, str>),
    /// An element.
    Element(Element),
    /// Several in a row.
    Many(Vec<Node>),
    /// What follows signals.
    Moving(Box<dyn Fn() -> Node>),
}

/// What is content.
pub trait IntoNode {
    /// It as such.
    fn into_node(self) -> Node;
}

impl IntoNode for Node {
    fn into_node(self) -> Node {
        self
    }
}

impl IntoNode for Element {
    fn into_node(self) -> Node {
        Node::Element(self)
    }
}

impl IntoNode for &'static str {
    fn into_node(self) -> Node {
        Node::Text(Cow::Borrowed(self))
    }
}

impl IntoNode for String {
    fn into_node(self) -> Node {
        Node::Text(Cow::Owned(self))
    }
}

impl IntoNode for () {
    fn into_node(self) -> Node {
        Node::Nothing
    }
}

impl<T: IntoNode> IntoNode for Option<T> {
    fn into_node(self) -> Node {
        self.map_or(Node::Nothing, T::into_node)
    }
}

impl<T: IntoNode> IntoNode for Vec<T> {
    fn into_node(self) -> Node {
        Node::Many(self.into_iter().map(T::into_node).collect())
    }
}

impl<T: IntoNode, const N: usize> IntoNode for [T; N] {
    fn into_node(self) -> Node {
        Node::Many(self.into_iter().map(T::into_node).collect())
    }
}

impl<F: Fn() -> T + 'static, T: IntoNode> IntoNode for F {
    fn into_node(self) -> Node {
        Node::Moving(Box::new(move || self().into_node()))
    }
}

/// Content in a row from whatever gives one after the other.
pub trait IntoNodes: Iterator {
    /// All of it.
    fn nodes(self) -> Node;
}

impl<I: Iterator<Item: IntoNode>> IntoNodes for I {
    fn nodes(self) -> Node {
        let mut nodes = Vec::new();
        // Shorter than to collect: that is compiled with a guess of the number for each kind of row.
        for item in self {
            nodes.push(item.into_node());
        }
        Node::Many(nodes)
    }
}

macro_rules! rows {
    ($(($($part:ident)+))+) => {$(
        impl<$($part: IntoNode),+> IntoNode for ($($part,)+) {
            #[expect(non_snake_case, reason = "a part goes by the name of its type")]
            fn into_node(self) -> Node {
                let ($($part,)+) = self;
                Node::Many(vec![$($part.into_node()),+])
            }
        }
    )+};
}

rows! {
    (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
    (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L) (A B C D E F G H I J K L M)
    (A B C D E F G H I J K L M N)
}
