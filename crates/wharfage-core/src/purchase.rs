//! Purchase options: how capacity is bought.

/// What is promised ahead of use, for a lower price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// AWS Compute Savings Plans: dollars an hour, on EC2 and Fargate alike
    SavingsPlan,
    /// AWS reserved instances: whole machines of a type
    Reserved,
    /// Google's committed use discounts for vCPU and memory of a machine family; of a service where it sold its own
    ResourceCud,
    /// Google's compute flexible committed use discounts: dollars an hour, on machines, Autopilot and Cloud Run alike
    FlexCud,
}

macro_rules! commitments {
    ($($name:ident $id:literal $kind:ident $years:literal $upfront:literal;)*) => {
        /// A commitment: billed every hour for one or three years, used or not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the id says it all")]
        pub enum Commitment { $($name),* }

        impl Commitment {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As requests and price keys write it: `sp-1y-no-upfront`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// What is promised.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),* }
            }

            /// For how many years.
            pub const fn years(self) -> u8 {
                match self { $(Self::$name => $years),* }
            }

            /// Is all of it paid on the first day? Its rates are then what that comes to by the hour.
            pub const fn is_paid_upfront(self) -> bool {
                match self { $(Self::$name => $upfront),* }
            }
        }

        impl Purchase {
            /// Every option, as requests name it.
            pub const ALL: &'static [Self] =
                &[Self::OnDemand, Self::Spot, $(Self::Committed(Commitment::$name)),*];
        }
    };
}

commitments! {
    Sp1yNoUpfront "sp-1y-no-upfront" SavingsPlan 1 false;
    Sp1yAllUpfront "sp-1y-all-upfront" SavingsPlan 1 true;
    Sp3yNoUpfront "sp-3y-no-upfront" SavingsPlan 3 false;
    Sp3yAllUpfront "sp-3y-all-upfront" SavingsPlan 3 true;
    Ri1yStandard "ri-1y-standard" Reserved 1 false;
    Ri3yStandard "ri-3y-standard" Reserved 3 false;
    Ri1yConvertible "ri-1y-convertible" Reserved 1 false;
    Ri3yConvertible "ri-3y-convertible" Reserved 3 false;
    Cud1y "cud-1y" ResourceCud 1 false;
    Cud3y "cud-3y" ResourceCud 3 false;
    FlexCud1y "flex-cud-1y" FlexCud 1 false;
    FlexCud3y "flex-cud-3y" FlexCud 3 false;
}

/// How capacity is bought. Names are those of `--purchase`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purchase {
    /// list price
    OnDemand,
    /// spare capacity that may be taken back
    Spot,
    /// a commitment, and list price for what it does not cover
    Committed(Commitment),
}

impl Purchase {
    /// As requests write it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
            Self::Committed(commitment) => commitment.id(),
        }
    }

    /// From its name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.id() == id)
    }

    /// The one provider that sells it; `None` where both do.
    pub const fn provider(self) -> Option<&'static str> {
        match self {
            Self::OnDemand | Self::Spot => None,
            Self::Committed(commitment) => Some(match commitment.kind() {
                Kind::SavingsPlan | Kind::Reserved => "aws",
                Kind::ResourceCud | Kind::FlexCud => "gcp",
            }),
        }
    }

    /// What is added to a compute key to find its price: `.spot`. What a commitment covers is found line by line.
    pub const fn key_suffix(self) -> &'static str {
        match self {
            Self::OnDemand | Self::Committed(_) => "",
            Self::Spot => ".spot",
        }
    }
}

/// What a request asks for: one option, or the cheapest of all that are priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choice {
    /// this one
    Of(Purchase),
    /// the cheapest
    Best,
}

impl Choice {
    /// As requests write the cheapest.
    pub const BEST: &'static str = "best";

    /// Every name that a request may use.
    pub fn ids() -> Vec<&'static str> {
        Purchase::ALL.iter().map(|p| p.id()).chain([Self::BEST]).collect()
    }

    /// From its name.
    pub fn from_id(id: &str) -> Option<Self> {
        if id == Self::BEST { Some(Self::Best) } else { Purchase::from_id(id).map(Self::Of) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_found_by_its_name() {
        for id in Choice::ids() {
            assert!(Choice::from_id(id).is_some(), "{id}");
        }
        assert_eq!(Purchase::ALL.len(), 2 + Commitment::ALL.len());
        assert_eq!(Choice::from_id("sp-2y"), None);
    }
}
