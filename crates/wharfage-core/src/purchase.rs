//! Purchase options: how capacity is bought.

/// How capacity is bought. Names are those of `--purchase`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purchase {
    /// list price
    OnDemand,
    /// spare capacity that may be taken back
    Spot,
}

impl Purchase {
    /// Every option this version prices.
    pub const ALL: [Self; 2] = [Self::OnDemand, Self::Spot];
    /// Options of `--purchase` that commit ahead of use. They are named in the design and come with commitments.
    pub const COMMITMENTS: [&'static str; 12] = [
        "sp-1y-no-upfront",
        "sp-1y-all-upfront",
        "sp-3y-no-upfront",
        "sp-3y-all-upfront",
        "ri-1y-standard",
        "ri-3y-standard",
        "ri-1y-convertible",
        "ri-3y-convertible",
        "cud-1y",
        "cud-3y",
        "flex-cud-1y",
        "flex-cud-3y",
    ];

    /// As requests write it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
        }
    }

    /// From its name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.id() == id)
    }

    /// What is added to a compute key to find its price: `.spot`.
    pub const fn key_suffix(self) -> &'static str {
        match self {
            Self::OnDemand => "",
            Self::Spot => ".spot",
        }
    }
}
