//! What views follow: Leptos' memos, signals and stored values, all of one type inside.
//!
//! The names are Leptos' own and do what those do. But Leptos compiles all of its machinery anew for each type
//! that a signal holds; here a signal holds a `Held`, and only the few lines that take the value out again know
//! its type. Signals must not outlive the owner that they were made in, as with Leptos.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use reactive_graph::graph::{AnySubscriber, Subscriber, ToAnySubscriber};

use crate::leptos::prelude::{self as of_leptos, *};

/// A value of any type. Two are equal where their type can tell and they are.
#[derive(Clone)]
struct Held {
    value: Arc<dyn Any + Send + Sync>,
    is_same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(&*self.value, &*other.value)
    }
}

impl Held {
    fn comparable<T: PartialEq + Send + Sync + 'static>(value: T) -> Self {
        fn is_same<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
            one.downcast_ref::<T>() == other.downcast_ref::<T>()
        }
        Self { value: Arc::new(value), is_same: is_same::<T> }
    }

    fn plain<T: Send + Sync + 'static>(value: T) -> Self {
        Self { value: Arc::new(value), is_same: |_, _| false }
    }

    fn get<T: 'static>(&self) -> &T {
        match self.value.downcast_ref() {
            Some(value) => value,
            // The type of what holds it is that of what it was made with.
            None => unreachable!("a signal holds what it was made with"),
        }
    }
}

type Make = Box<dyn Fn(Option<&Held>) -> Held + Send + Sync>;
type Derived = Arc<dyn Fn() -> Held + Send + Sync>;

/// Where a value comes from.
#[derive(Clone, Copy)]
enum Source {
    Memo(of_leptos::Memo<Held>),
    Signal(of_leptos::RwSignal<Held>),
    Derived(of_leptos::StoredValue<Held>),
}

impl Source {
    #[inline(never)]
    fn now(self) -> Held {
        match self {
            Self::Memo(memo) => memo.get(),
            Self::Signal(signal) => signal.get(),
            Self::Derived(derived) => derived.get_value().get::<Derived>()(),
        }
    }

    #[inline(never)]
    fn now_untracked(self) -> Held {
        match self {
            Self::Memo(memo) => memo.get_untracked(),
            Self::Signal(signal) => signal.get_untracked(),
            Self::Derived(_) => untrack(|| self.now()),
        }
    }

    /// The value, unless its owner has gone.
    #[inline(never)]
    fn if_there(self) -> Option<Held> {
        match self {
            Self::Memo(memo) => memo.try_get_untracked(),
            Self::Signal(signal) => signal.try_get_untracked(),
            Self::Derived(derived) => {
                let derived = derived.try_get_value()?;
                Some(untrack(|| derived.get::<Derived>()()))
            }
        }
    }

    #[inline(never)]
    fn track(self) {
        match self {
            Self::Memo(memo) => memo.track(),
            Self::Signal(signal) => signal.track(),
            Self::Derived(_) => drop(self.now()),
        }
    }
}

macro_rules! readable {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T: Send + Sync + 'static> $name<T> {
            /// Follows it.
            pub fn track(&self) {
                self.source().track();
            }

            /// Its value; follows it.
            pub fn get(&self) -> T
            where
                T: Clone,
            {
                self.source().now().get::<T>().clone()
            }

            /// Its value now.
            pub fn get_untracked(&self) -> T
            where
                T: Clone,
            {
                self.source().now_untracked().get::<T>().clone()
            }

            /// Looks at its value; follows it.
            pub fn with<U>(&self, look: impl FnOnce(&T) -> U) -> U {
                look(self.source().now().get())
            }

            /// Looks at its value now.
            pub fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
                look(self.source().now_untracked().get())
            }

            /// Its value now, unless its owner has gone.
            pub fn try_get_untracked(&self) -> Option<T>
            where
                T: Clone,
            {
                Some(self.source().if_there()?.get::<T>().clone())
            }
        }
    };
}

readable!(Memo);
readable!(RwSignal);
readable!(Signal);

/// A value that is worked out when it is asked for and something that it follows has changed.
pub struct Memo<T>(of_leptos::Memo<Held>, PhantomData<fn() -> T>);

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Worked out by `make`, which is given the value before.
    pub fn new(make: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let made = move |before: Option<&Held>| Held::comparable(make(before.map(Held::get)));
        Self(memo(Box::new(made)), PhantomData)
    }
}

impl<T> Memo<T> {
    const fn source(self) -> Source {
        Source::Memo(self.0)
    }
}

// One function for all kinds of values, as the others below: each further one would be built anew.
#[inline(never)]
fn memo(make: Make) -> of_leptos::Memo<Held> {
    let memo = ArcMemo::new(make);
    follow_until_cleanup(memo.to_any_subscriber());
    memo.into()
}

/// A signal would remember for good who followed it once, and ask each of them at every change.
fn follow_until_cleanup(follower: AnySubscriber) {
    on_cleanup(move || follower.clear_sources(&follower));
}

/// A value that can be set.
pub struct RwSignal<T>(of_leptos::RwSignal<Held>, PhantomData<fn() -> T>);

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// With its first value.
    pub fn new(value: T) -> Self {
        Self(signal(Held::plain(value)), PhantomData)
    }

    /// Gives it another value and tells everybody who follows it.
    pub fn set(&self, value: T) {
        set(self.0, Held::plain(value));
    }

    /// The same, unless its owner has gone.
    pub fn try_set(&self, value: T) {
        if self.source().if_there().is_some() {
            self.set(value);
        }
    }

    /// Changes its value and tells everybody who follows it.
    pub fn update(&self, change: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }
}

impl<T> RwSignal<T> {
    const fn source(self) -> Source {
        Source::Signal(self.0)
    }
}

#[inline(never)]
fn signal(value: Held) -> of_leptos::RwSignal<Held> {
    of_leptos::RwSignal::new(value)
}

#[inline(never)]
fn set(signal: of_leptos::RwSignal<Held>, value: Held) {
    signal.set(value);
}

/// A value that can be followed, wherever it comes from.
pub struct Signal<T>(Source, PhantomData<fn() -> T>);

impl<T: Send + Sync + 'static> Signal<T> {
    /// Worked out by `make` each time.
    pub fn derive(make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let derived: Derived = Arc::new(move || Held::plain(make()));
        Self(Source::Derived(stored(Held::plain(derived))), PhantomData)
    }

    /// One that stays.
    pub fn stored(value: T) -> Self {
        RwSignal::new(value).into()
    }
}

impl<T> Signal<T> {
    const fn source(self) -> Source {
        self.0
    }
}

impl<T> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self(memo.source(), PhantomData)
    }
}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self(signal.source(), PhantomData)
    }
}

/// A value that lives as long as its owner and that nobody follows.
pub struct StoredValue<T>(of_leptos::StoredValue<Held>, PhantomData<fn() -> T>);

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// With its first value.
    pub fn new(value: T) -> Self {
        Self(stored(Held::plain(value)), PhantomData)
    }

    /// Its value.
    pub fn get_value(&self) -> T
    where
        T: Clone,
    {
        held(self.0).get::<T>().clone()
    }

    /// Its value, unless its owner has gone.
    pub fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        Some(self.0.try_get_value()?.get::<T>().clone())
    }

    /// Looks at its value.
    pub fn with_value<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(held(self.0).get())
    }

    /// Gives it another value.
    pub fn set_value(&self, value: T) {
        keep(self.0, Held::plain(value));
    }

    /// Changes its value; `None` where its owner has gone.
    pub fn update_value<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U>
    where
        T: Clone,
    {
        let mut value = self.try_get_value()?;
        let answer = change(&mut value);
        self.set_value(value);
        Some(answer)
    }
}

#[inline(never)]
fn stored(value: Held) -> of_leptos::StoredValue<Held> {
    of_leptos::StoredValue::new(value)
}

#[inline(never)]
fn held(value: of_leptos::StoredValue<Held>) -> Held {
    value.get_value()
}

#[inline(never)]
fn keep(place: of_leptos::StoredValue<Held>, value: Held) {
    place.set_value(value);
}

type Run<I, O> = Box<dyn Fn(I) -> O + Send + Sync>;

/// What a component asks of who made it.
pub struct Callback<I, O = ()>(of_leptos::StoredValue<Held>, PhantomData<fn(I) -> O>);

impl<I, O> Clone for Callback<I, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, O> Copy for Callback<I, O> {}

impl<I: 'static, O: 'static> Callback<I, O> {
    /// Answered by `run`.
    pub fn new(run: impl Fn(I) -> O + Send + Sync + 'static) -> Self {
        let run: Run<I, O> = Box::new(run);
        Self(stored(Held::plain(run)), PhantomData)
    }

    /// Asks.
    pub fn run(&self, input: I) -> O {
        held(self.0).get::<Run<I, O>>()(input)
    }
}

/// Runs `run` soon, and whenever a signal that it read has changed, as long as its owner lives.
pub fn effect(run: impl Fn() + 'static) {
    boxed_effect(Box::new(run));
}

#[inline(never)]
fn boxed_effect(run: Box<dyn Fn()>) {
    let effect = Effect::new(move |_: Option<()>| run());
    follow_until_cleanup(effect.to_any_subscriber());
}
