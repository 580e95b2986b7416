/** The one list of versions, typed. Go modules must agree with their go.mod (a unit test compares them). */
import versions from '../versions.json' with { type: 'json' };

export default versions;
