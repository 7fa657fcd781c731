/** One thing that is wrong with the options. */
export interface ConfigProblem {
  /** The option, its groups before it: `timeouts.connectMs`. */
  option: string
  /** What would be right; never the value that was given. */
  detail: string
}

/** Thrown for options that cannot be used, with everything that is wrong. */
export class ConfigError extends RangeError {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ option, detail }) => `${option}: ${detail}`).join('; '))
    this.problems = problems
  }
}
