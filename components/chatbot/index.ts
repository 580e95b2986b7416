/** The Tria AI-BPO chatbot (system C): its facts, its variables and its files. The only door of this folder. */
export { BACKED_UP, BACKUP_FOLDER, backupScript } from './backup.ts';
export {
  backendFacts,
  CHAT,
  COMMANDS,
  containerName,
  frontendFacts,
  HEALTH,
  INDEXED,
  KNOWLEDGE_FOLDER,
  nginxFacts,
  PARTS,
  PORTS,
  postgresFacts,
  PROFILES,
  REDIS_CONF,
  redisFacts,
  type Part,
  type PartArgs,
  type Profile,
  type Task,
  type Tuning,
} from './facts.ts';
export { CERTIFICATE, nginxConf, redisConf, secureOrigin, type CacheLimits, type Secured } from './files.ts';
export { plainVariables, secretVariables, type ChatbotSecrets, type ChatbotSettings } from './variables.ts';
