//! Where random octets come from. An argument everywhere, so that a test can say what they are.

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random number generator gave nothing")]
pub struct NoEntropy;

pub trait Entropy {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy>;

    fn octets<const N: usize>(&mut self) -> Result<[u8; N], NoEntropy>
    where
        Self: Sized,
    {
        let mut buffer = [0; N];
        self.fill(&mut buffer)?;
        Ok(buffer)
    }
}

/// The crypto library's generator, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        aws_lc_rs::rand::fill(buffer).map_err(|_| NoEntropy)
    }
}
