/** What prepares a Docker host. It loads no provider. */
export { checkDoors, doors, PORTS, type Door, type Doors } from './doors.ts';
export { PreparedHost, type PreparedHostArgs } from './prepared.ts';
export { hostScript } from './script.ts';
export { COMPOSE, EXPORTER, type Download, type HostSettings, type SecretSource } from './settings.ts';
export { USER_DATA_LIMIT, userData } from './user-data.ts';
