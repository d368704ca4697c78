/**
 * Stands in the functions' bundles where the driver of SQL Server imports `@azure/identity` and `@azure/keyvault-keys`, each larger
 * than all else in a function. RDS has no Microsoft Entra sign-in, and columns under Always Encrypted are not read. The bundling in
 * lib/function-bundles.ts puts it there.
 */
class NotInTheBundle {
  constructor() {
    throw new Error(
      'signing in to SQL Server by Microsoft Entra ID is not part of Lights Out; expected a login with a password',
    );
  }
}

export {
  NotInTheBundle as ClientSecretCredential,
  NotInTheBundle as CryptographyClient,
  NotInTheBundle as DefaultAzureCredential,
  NotInTheBundle as KeyClient,
  NotInTheBundle as ManagedIdentityCredential,
  NotInTheBundle as UsernamePasswordCredential,
};
