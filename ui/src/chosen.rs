//! What the user has chosen in the views of evidence: messages, states, checks.

use rollscope::state::DifferenceClass;
use rollscope::traffic::{Event, Family};

use crate::folds::Folds;
use crate::signal::RwSignal;

/// What two states are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    /// Two peers at one frame.
    #[default]
    Peers,
    /// One peer at a frame and before it.
    Before,
}

/// The choices.
#[derive(Clone, Copy)]
pub struct Chosen {
    /// The message that is selected.
    pub event: RwSignal<Option<Event>>,
    /// Whether its bytes show in the place of its tree.
    pub is_hex: RwSignal<bool>,
    /// The filter of messages, as typed.
    pub query: RwSignal<String>,
    /// Families of messages that are hidden.
    pub hidden: RwSignal<Vec<Family>>,
    /// Whether only messages of the shown episode are listed.
    pub is_episode_only: RwSignal<bool>,
    /// What is compared in the State view.
    pub base: RwSignal<Base>,
    /// Names of the two peers that are compared; `None` for the first two. Alone, the left one is taken.
    pub pair: RwSignal<Option<(String, String)>>,
    /// The path that is selected there.
    pub path: RwSignal<Option<String>>,
    /// Which branches of the tree of states are folded.
    pub folds: RwSignal<Folds>,
    /// Classes of differences that are hidden.
    pub hidden_classes: RwSignal<Vec<DifferenceClass>>,
    /// Whether equal values show.
    pub is_equal_shown: RwSignal<bool>,
    /// Whether reports are pseudonymised, and the key for it, which is kept nowhere else.
    pub is_pseudonymous: RwSignal<bool>,
    /// The key of the pseudonyms.
    pub key: RwSignal<String>,
    /// The check that is selected, by its code.
    pub check: RwSignal<Option<String>>,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            event: RwSignal::new(None),
            is_hex: RwSignal::new(false),
            query: RwSignal::new(String::new()),
            hidden: RwSignal::new(vec![Family::Other]),
            is_episode_only: RwSignal::new(false),
            base: RwSignal::new(Base::default()),
            pair: RwSignal::new(None),
            path: RwSignal::new(None),
            folds: RwSignal::new(Folds::default()),
            hidden_classes: RwSignal::new(Vec::new()),
            is_equal_shown: RwSignal::new(false),
            is_pseudonymous: RwSignal::new(false),
            key: RwSignal::new(String::new()),
            check: RwSignal::new(None),
        }
    }
}

impl Chosen {
    /// Forgets what was selected: other content is shown now.
    pub fn forget(self) {
        self.event.set(None);
        self.path.set(None);
        self.check.set(None);
    }

    /// Hides or shows again.
    pub fn toggle<T: Clone + PartialEq + Send + Sync + 'static>(hidden: RwSignal<Vec<T>>, one: T) {
        hidden.update(|hidden| match hidden.iter().position(|known| *known == one) {
            Some(place) => {
                hidden.remove(place);
            }
            None => hidden.push(one),
        });
    }
}
