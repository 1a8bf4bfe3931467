//! Values of attributes and properties: plain ones, and such that follow signals.

use std::borrow::Cow;

/// What an attribute or a property has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// Nothing: the attribute is not there.
    #[default]
    Absent,
    /// A text.
    Text(Cow<'static, str>),
    /// Yes or no; as an attribute it is there or not.
    Flag(bool),
}

impl Value {
    /// Two classes as one.
    pub(super) fn joined(self, further: Self) -> Self {
        match (self, further) {
            (Self::Text(one), Self::Text(other)) if !one.is_empty() && !other.is_empty() => {
                let mut text = one.into_owned();
                text.push(' ');
                text.push_str(&other);
                Self::Text(text.into())
            }
            (Self::Text(one), Self::Text(other)) if one.is_empty() => Self::Text(other),
            (Self::Absent, other) => other,
            (one, _) => one,
        }
    }
}

/// A value, or what gives it and is asked again when a signal that it read has changed.
pub enum Given {
    /// A value that stays.
    Still(Value),
    /// One that follows signals.
    Moving(Box<dyn Fn() -> Value>),
}

impl Given {
    /// The value now; reads signals.
    pub(super) fn now(&self) -> Value {
        match self {
            Self::Still(value) => value.clone(),
            Self::Moving(value) => value(),
        }
    }
}

/// What is a value.
pub trait IntoValue {
    /// It as one.
    fn into_value(self) -> Value;
}

impl IntoValue for &'static str {
    fn into_value(self) -> Value {
        Value::Text(Cow::Borrowed(self))
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(Cow::Owned(self))
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Flag(self)
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Absent, T::into_value)
    }
}

/// What gives a value.
pub trait IntoGiven {
    /// It as one that does.
    fn into_given(self) -> Given;
}

impl IntoGiven for &'static str {
    fn into_given(self) -> Given {
        Given::Still(self.into_value())
    }
}

impl IntoGiven for String {
    fn into_given(self) -> Given {
        Given::Still(self.into_value())
    }
}

impl IntoGiven for bool {
    fn into_given(self) -> Given {
        Given::Still(self.into_value())
    }
}

impl<T: IntoValue> IntoGiven for Option<T> {
    fn into_given(self) -> Given {
        Given::Still(self.into_value())
    }
}

impl<F: Fn() -> T + 'static, T: IntoValue> IntoGiven for F {
    fn into_given(self) -> Given {
        Given::Moving(Box::new(move || self().into_value()))
    }
}

/// A text as long as the closure says so.
impl<F: Fn() -> bool + 'static> IntoGiven for (&'static str, F) {
    fn into_given(self) -> Given {
        let (text, is_on) = self;
        Given::Moving(Box::new(move || is_on().then_some(text).into_value()))
    }
}
