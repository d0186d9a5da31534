// nx sets FORCE_COLOR for what it runs, whatever NO_COLOR says; Node warns of the two in every process.
if (process.env['NO_COLOR']) delete process.env['FORCE_COLOR']
