"""What people say of trainings and events afterwards: nobody's by name, unless they want it."""
