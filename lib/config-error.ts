/** One thing that is wrong with the options. */
export interface ConfigProblem {
  /** The option, its groups before it: `timeouts.connectMs`. */
  option: string
  /** What would be right; never the value that was given. */
  detail: string
}

/** What a schema found wrong, below the option `above`. */
export const problemsOf = (error: SchemaError, above = ''): ConfigProblem[] =>
  error.issues.flatMap(({ path, message, keys }) => {
    const steps = [...(above === '' ? [] : [above]), ...path.map(String)]
    return keys
      ? keys.map((key) => ({ option: [...steps, key].join('.'), detail: 'is no option' }))
      : [{ option: steps.join('.') || 'options', detail: message }]
  })

// As zod has it; `keys` are those that a group does not know.
interface SchemaError {
  issues: ReadonlyArray<{ path: readonly PropertyKey[]; message: string; keys?: readonly string[] }>
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
